/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of base/log.c. */
#undef _DEBUG
#define _DEBUG
#include "unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static struct {
	int calls;
	int level;
	char line[512];
} heard;

static void
hear(int level, const char *line)
{
	heard.calls++;
	heard.level = level;
	snprintf(heard.line, sizeof(heard.line), "%s", line);
}

static void
hear_era100(const char *line)
{
	hear(0, line);
}

static char dumped[8192];

static void
hear_dump(int level, const char *line)
{
	hear(level, line);
	snprintf(dumped + strlen(dumped), sizeof(dumped) - strlen(dumped),
		 "%s", line);
}

static int
listen_to_all(void **state)
{
	(void)state;
	memset(&heard, 0, sizeof(heard));
	lws_set_log_level((1 << LLL_COUNT) - 1, hear);
	return 0;
}

/* What @level and @text look like on stderr, without what the log adds. */
static void
read_stderr(int level, const char *text, char *out, size_t len)
{
	const int kept = dup(STDERR_FILENO);
	int ends[2];
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	fflush(stderr);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	_lws_log(level, "%s", text);
	fflush(stderr);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	n = read(ends[0], out, len - 1);
	out[n > 0 ? n : 0] = '\0';
	close(kept);
	close(ends[0]);
	close(ends[1]);
}

/* runs first: nobody has touched mask and sink */
static void
test_errors_warnings_notices_go_to_stderr_by_default(void **state)
{
	static const struct {
		int level;
		const char *tag;
	} rows[] = {
		{ LLL_ERR, "ERR" }, { LLL_WARN, "WARN" },
		{ LLL_NOTICE, "NOTICE" }, { LLL_INFO, NULL },
		{ LLL_DEBUG, NULL }, { LLL_LATENCY, NULL },
	};
	char line[300], want[64];
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		long long seconds;
		int tenths, used = 0;

		read_stderr(rows[n].level, "some text\n", line, sizeof(line));
		if (!rows[n].tag) {
			assert_string_equal(line, "");
			continue;
		}
		assert_int_equal(sscanf(line, "[%lld:%4d] %n", &seconds,
					&tenths, &used), 2);
		assert_true(seconds > 1000000000 && tenths >= 0);
		assert_int_equal(strchr(line, ']') - strchr(line, ':'), 5);
		snprintf(want, sizeof(want), "%s: some text\n", rows[n].tag);
		assert_string_equal(line + used, want);
	}
}

static void
test_stderr_gets_every_tag_and_no_newline_of_ours(void **state)
{
	static const char *const tags[] = {
		"ERR", "WARN", "NOTICE", "INFO", "DEBUG", "PARSER", "HEADER",
		"EXTENSION", "CLIENT", "LATENCY",
	};
	char line[300], want[64];
	int n;

	(void)state;
	lws_set_log_level((1 << LLL_COUNT) - 1, NULL);
	for (n = 0; n < LLL_COUNT; n++) {
		read_stderr(1 << n, "x", line, sizeof(line));
		snprintf(want, sizeof(want), "] %s: x", tags[n]);
		assert_non_null(strchr(line, ']'));
		assert_string_equal(strchr(line, ']'), want);
	}
}

static void
test_the_sink_hears_one_bit_and_the_bare_text(void **state)
{
	int n;

	(void)state;
	for (n = 0; n < LLL_COUNT; n++) {
		_lws_log(1 << n, "%s %d\n", "number", n);
		assert_int_equal(heard.calls, n + 1);
		assert_int_equal(heard.level, 1 << n);
		assert_memory_equal(heard.line, "number ", 7);
	}
	assert_string_equal(heard.line, "number 9\n");
}

static void
test_levels_outside_the_mask_stay_silent(void **state)
{
	(void)state;
	lws_set_log_level(LLL_WARN | LLL_CLIENT, NULL);
	lwsl_err("no");
	lwsl_info("no");
	lwsl_debug("no");
	lwsl_hexdump(heard.line, 4);
	assert_int_equal(heard.calls, 0);
	lwsl_warn("yes");
	lwsl_client("yes");
	assert_int_equal(heard.calls, 2);
	lws_set_log_level(0, NULL);
	lwsl_warn("no");
	assert_int_equal(heard.calls, 2);
}

static void
test_text_is_cut_at_255_characters(void **state)
{
	char text[301];
	size_t len;

	(void)state;
	memset(text, 'a', sizeof(text));
	for (len = 250; len <= 300; len++) {
		_lws_log(LLL_ERR, "%.*s", (int)len, text);
		assert_int_equal(strlen(heard.line), len < 255 ? len : 255);
	}
}

static void
test_the_first_era_hears_the_prefix_too(void **state)
{
	char text[301], *at;

	(void)state;
	lws_set_log_level_era100(LLL_ERR, hear_era100);
	lwsl_warn("masked");
	assert_int_equal(heard.calls, 0);
	lwsl_err("hello\n");
	assert_int_equal(heard.line[0], '[');
	at = strchr(heard.line, ']');
	assert_non_null(at);
	assert_string_equal(at, "] ERR: hello\n");

	memset(text, 'a', sizeof(text));
	_lws_log(LLL_ERR, "%.*s", 300, text);
	at = strchr(heard.line, 'a');
	assert_int_equal(strlen(at), 255);

	lws_set_log_level_era100(LLL_WARN, NULL);
	lwsl_warn("kept");
	assert_non_null(strstr(heard.line, "WARN: kept"));
	lws_set_log_level(LLL_WARN, hear);
	lwsl_warn("bare");
	assert_string_equal(heard.line, "bare");
}

static void
test_a_dump_shows_sixteen_bytes_a_line(void **state)
{
	uint8_t bytes[18];
	size_t n;

	(void)state;
	if (!LWS_BUILT_DEBUG)
		skip();
	for (n = 0; n < sizeof(bytes); n++)
		bytes[n] = (uint8_t)(0x1d + n * 7);
	lws_set_log_level(LLL_DEBUG, hear_dump);
	dumped[0] = '\0';
	lwsl_hexdump(bytes, sizeof(bytes));
	assert_int_equal(heard.calls, 2);
	assert_int_equal(heard.level, LLL_DEBUG);
	assert_string_equal(dumped,
		"0000: 1D 24 2B 32 39 40 47 4E 55 5C 63 6A 71 78 7F 86 "
		"   .$+29@GNU\\cjqx..\n"
		"0010: 8D 94                                           "
		"   ..\n");
}

static void
test_a_dump_of_any_length_shows_every_byte(void **state)
{
	uint8_t *bytes;
	size_t len;

	(void)state;
	if (!LWS_BUILT_DEBUG)
		skip();
	lws_set_log_level(LLL_DEBUG, hear_dump);
	for (len = 0; len <= 100; len++) {
		bytes = malloc(len ? len : 1);
		assert_non_null(bytes);
		memset(bytes, 'x', len);
		heard.calls = 0;
		dumped[0] = '\0';
		lwsl_hexdump(bytes, len);
		assert_int_equal(heard.calls, (len + 15) / 16);
		if (len)
			assert_int_equal(strspn(strrchr(dumped, ' ') + 1, "x"),
					 len % 16 ? len % 16 : 16);
		free(bytes);
	}
}

static void
test_a_build_without_debug_dumps_nothing(void **state)
{
	uint8_t byte = 'x';

	(void)state;
	lws_set_log_level(LLL_DEBUG, hear);
	lwsl_hexdump(&byte, 1);
	assert_int_equal(heard.calls, LWS_BUILT_DEBUG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_errors_warnings_notices_go_to_stderr_by_default),
		cmocka_unit_test(
			test_stderr_gets_every_tag_and_no_newline_of_ours),
		cmocka_unit_test_setup(
			test_the_sink_hears_one_bit_and_the_bare_text,
			listen_to_all),
		cmocka_unit_test_setup(test_levels_outside_the_mask_stay_silent,
				       listen_to_all),
		cmocka_unit_test_setup(test_text_is_cut_at_255_characters,
				       listen_to_all),
		cmocka_unit_test_setup(test_the_first_era_hears_the_prefix_too,
				       listen_to_all),
		cmocka_unit_test_setup(test_a_dump_shows_sixteen_bytes_a_line,
				       listen_to_all),
		cmocka_unit_test_setup(
			test_a_dump_of_any_length_shows_every_byte,
			listen_to_all),
		cmocka_unit_test_setup(test_a_build_without_debug_dumps_nothing,
				       listen_to_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
