/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of plat/unix/syslog.c.  syslog() is asked to print to stderr too, and
 * its mask tells which priority a line had.
 */
#include "unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

static int ends[2], kept = -1;

static int
catch_stderr(void **state)
{
	(void)state;
	if (pipe(ends) || fcntl(ends[0], F_SETFL, O_NONBLOCK))
		return -1;
	openlog("lws-test", LOG_PERROR, LOG_USER);
	return 0;
}

/* Does a line of @level get through a log that lets only @priority pass? */
static bool
passes(int level, int priority)
{
	char line[256];
	ssize_t n;

	kept = dup(STDERR_FILENO);
	assert_true(kept >= 0 && dup2(ends[1], STDERR_FILENO) >= 0);
	setlogmask(LOG_MASK(priority));
	lwsl_emit_syslog(level, "100% %s of it\n");
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	close(kept);

	n = read(ends[0], line, sizeof(line) - 1);
	if (n <= 0)
		return false;
	line[n] = '\0';
	assert_non_null(strstr(line, "100% %s of it\n"));
	return true;
}

static void
test_each_level_has_its_priority(void **state)
{
	static const int want[LLL_COUNT] = {
		LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG,
		LOG_DEBUG, LOG_DEBUG, LOG_DEBUG, LOG_DEBUG, LOG_DEBUG,
	};
	int n, priority;

	(void)state;
	for (n = 0; n < LLL_COUNT; n++)
		for (priority = LOG_EMERG; priority <= LOG_DEBUG; priority++)
			assert_int_equal(passes(1 << n, priority),
					 priority == want[n]);
}

static void
test_it_serves_as_a_sink(void **state)
{
	(void)state;
	lws_set_log_level(LLL_ERR, lwsl_emit_syslog);
	setlogmask(LOG_MASK(LOG_EMERG));
	_lws_log(LLL_ERR, "%s\n", "masked by the log itself");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_level_has_its_priority),
		cmocka_unit_test(test_it_serves_as_a_sink),
	};

	return cmocka_run_group_tests(tests, catch_stderr, NULL);
}
