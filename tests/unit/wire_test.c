/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * wire_test.c - which versions this build speaks.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "ws/wire.h"

static void
test_13_is_found_with_its_codecs(void **state)
{
	const struct lws_wire *wire = lws_wire_find(13);

	(void)state;
	if (SPEC_LATEST_SUPPORTED < 13) {
		assert_null(wire);
		return;
	}
	assert_non_null(wire);
	assert_int_equal(wire->version, 13);
	assert_ptr_equal(wire->framer, &lws_framer_13);
	assert_ptr_equal(wire->handshake, &lws_handshake_13);
}

static void
test_numbers_never_used_are_not_found(void **state)
{
	static const int never[] = {
		INT_MIN, -1, 1, 2, 3, 9, 10, 11, 12, 14, 113, INT_MAX
	};
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(never) / sizeof(*never); n++)
		assert_null(lws_wire_find(never[n]));
}

/* "13, 8, 7": each is found, and every version found is there, newest first */
static void
test_the_list_names_what_is_found(void **state)
{
	const char *list = lws_wire_versions();
	char want[64] = "";
	size_t len = 0;
	int n;

	(void)state;
	for (n = 20; n > 0; n--)
		if (lws_wire_find(n))
			len += (size_t)snprintf(want + len, sizeof(want) - len,
						"%s%d", len ? ", " : "", n);
	assert_string_equal(list, want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_13_is_found_with_its_codecs),
		cmocka_unit_test(test_numbers_never_used_are_not_found),
		cmocka_unit_test(test_the_list_names_what_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
