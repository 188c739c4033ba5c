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
#include <stdlib.h>
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
		INT_MIN, -1, 1, 2, 3, 9, 10, 11, 12, 14, 75, 77, 113, INT_MAX
	};
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(never) / sizeof(*never); n++)
		assert_null(lws_wire_find(never[n]));
}

/* all or none: without old drafts, 13 is alone */
static void
test_old_versions_are_found_with_theirs(void **state)
{
	static const int old[] = { 8, 7, 6, 5, 4, 0 };
	const bool all = lws_wire_find(LWS_WIRE_76) != NULL;
	const struct lws_wire *wire;
	size_t n;

	(void)state;
	assert_ptr_equal(lws_wire_find(0), lws_wire_find(LWS_WIRE_76));
	for (n = 0; n < sizeof(old) / sizeof(*old); n++) {
		wire = lws_wire_find(old[n]);
		if (!all || old[n] > SPEC_LATEST_SUPPORTED) {
			assert_null(wire);
			continue;
		}
		assert_non_null(wire);
		assert_int_equal(wire->version, old[n]);
		assert_int_equal(atoi(wire->framer->name), old[n] ? old[n]
								  : 76);
		if (!old[n])
			assert_null(wire->handshake->version);
		else
			assert_int_equal(atoi(wire->handshake->version),
					 old[n]);
	}
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
		cmocka_unit_test(test_old_versions_are_found_with_theirs),
		cmocka_unit_test(test_the_list_names_what_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
