/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of plat/unix/process.c. */
#include "unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "plat/plat.h"

static void
mine(int signum)
{
	(void)signum;
}

static void
set_handler(void (*handler)(int))
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	assert_int_equal(sigaction(SIGPIPE, &action, NULL), 0);
}

static struct sigaction
current(void)
{
	struct sigaction action;

	assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
	return action;
}

static void
test_writing_to_nobody_no_longer_kills(void **state)
{
	int ends[2];

	(void)state;
	set_handler(SIG_DFL);
	lws_plat_ignore_sigpipe();
	assert_ptr_not_equal(current().sa_handler, SIG_DFL);
	assert_ptr_not_equal(current().sa_handler, SIG_IGN);
	assert_true(current().sa_flags & SA_RESTART);

	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	assert_int_equal(write(ends[1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	close(ends[1]);
}

static void
test_a_handler_that_is_there_stays(void **state)
{
	(void)state;
	set_handler(mine);
	lws_plat_ignore_sigpipe();
	assert_ptr_equal(current().sa_handler, mine);
	set_handler(SIG_IGN);
	lws_plat_ignore_sigpipe();
	assert_ptr_equal(current().sa_handler, SIG_IGN);
	set_handler(SIG_DFL);
}

static void
test_the_host_has_a_name_that_fits_every_buffer(void **state)
{
	char whole[256], name[257];
	size_t len;

	(void)state;
	lws_plat_hostname(whole, sizeof(whole));
	assert_true(strlen(whole) > 0);
	for (len = 1; len <= 256; len++) {
		memset(name, '#', sizeof(name));
		lws_plat_hostname(name, len);
		assert_non_null(memchr(name, '\0', len));
		assert_int_equal(name[len], '#');
		if (len > strlen(whole))
			assert_string_equal(name, whole);
	}
	name[0] = '#';
	lws_plat_hostname(name, 0);
	assert_int_equal(name[0], '#');
}

static void
test_sockets_work_after_any_number_of_starts_and_stops(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(lws_plat_start(), 0);
	assert_int_equal(lws_plat_start(), 0);
	lws_plat_stop();
	fd = lws_plat_socket(AF_INET);
	assert_true(fd >= 0);
	lws_plat_close(fd);
	lws_plat_stop();
}

static void
test_errors_have_words(void **state)
{
	(void)state;
	assert_true(strlen(lws_plat_error_text(ECONNREFUSED)) > 0);
	assert_true(strlen(lws_plat_error_text(ENOENT)) > 0);
	assert_true(strlen(lws_plat_error_text(123456)) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writing_to_nobody_no_longer_kills),
		cmocka_unit_test(test_a_handler_that_is_there_stays),
		cmocka_unit_test(
			test_the_host_has_a_name_that_fits_every_buffer),
		cmocka_unit_test(
			test_sockets_work_after_any_number_of_starts_and_stops),
		cmocka_unit_test(test_errors_have_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
