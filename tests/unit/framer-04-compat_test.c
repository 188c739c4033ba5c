/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Version 4 as peers of old mask it: the source that reads the constant is
 * compiled into this test with another value.
 */
#include "unit/unit.h"

#undef LWS_DRAFT04_COMPAT_MASK
#define LWS_DRAFT04_COMPAT_MASK 1
#define lws_framer_04 compat_04
#define lws_framer_05 compat_05
#define lws_framer_06 compat_06

#include "ws/framer-04.c"

#include "unit/framer_feed.h"

static void
test_the_key_of_the_connection_masks(void **state)
{
	struct bytes w = { NULL, 0, 0 };
	uint8_t want[16];
	const size_t len = from_hex("37 fa 21 3d c5 e4 07 1d 5d 72 23", want);
	struct end e;

	(void)state;
	open_end(&e, &compat_04, CLIENT);
	write_plain(&e, &w, FIN | LWS_OP_TEXT, "Hello");
	assert_int_equal(w.len, len);
	assert_memory_equal(w.p, want, len);
	close_end(&e);
	open_end(&e, &compat_04, SERVER);
	assert_true(offer(&e, w.p, w.len));
	assert_memory_equal(e.got.p, "<\1\1\x80Hello>", 10);
	close_end(&e);
	assert_any_slicing(&compat_04, SERVER, &w);
	free(w.p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_key_of_the_connection_masks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
