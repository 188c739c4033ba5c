/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * framer-07_test.c - versions 7 and 8: the frames of 13, another Close.
 */
#include "unit/framer_feed.h"

static const struct lws_framer_ops *const versions[] = {
	&lws_framer_07, &lws_framer_08,
};

#define N_VERSIONS COUNT(versions)

static const struct {
	unsigned first;
	const char *text, *server, *client;
} vectors[] = {
	{ FIN | LWS_OP_TEXT, "Hello", "81 05 48 65 6c 6c 6f",
	  "81 85 37 fa 21 3d 7f 9f 4d 51 58" },
	{ FIN | LWS_OP_PING, "Hello", "89 05 48 65 6c 6c 6f",
	  "89 85 37 fa 21 3d 7f 9f 4d 51 58" },
	{ FIN | LWS_OP_PONG, "Hello", "8a 05 48 65 6c 6c 6f",
	  "8a 85 37 fa 21 3d 7f 9f 4d 51 58" },
	{ FIN | LWS_OP_TEXT, "", "81 00", "81 80 37 fa 21 3d" },
	{ FIN | LWS_OP_CLOSE, "\x03\xe8", "88 02 03 e8",
	  "88 82 37 fa 21 3d 34 12" },
	{ LWS_OP_TEXT, "Hel", "01 03 48 65 6c", NULL },
};

static void
check_vector(const struct lws_framer_ops *ops, size_t n, enum role writer,
	     const char *hex)
{
	struct bytes w = { NULL, 0, 0 };
	uint8_t wire[64];
	struct end e;
	size_t len;

	if (!hex)
		return;
	len = from_hex(hex, wire);
	open_end(&e, ops, writer);
	write_plain(&e, &w, vectors[n].first, vectors[n].text);
	assert_int_equal(w.len, len);
	assert_memory_equal(w.p, wire, len);
	close_end(&e);
	open_end(&e, ops, writer == CLIENT ? SERVER : CLIENT);
	assert_true(offer(&e, wire, len));
	assert_int_equal(e.got.len, 5 + strlen(vectors[n].text));
	close_end(&e);
	assert_any_slicing(ops, writer == CLIENT ? SERVER : CLIENT, &w);
	free(w.p);
}

static void
test_the_vectors_are_written_and_read(void **state)
{
	size_t n, k;

	(void)state;
	for (k = 0; k < N_VERSIONS; k++)
		for (n = 0; n < COUNT(vectors); n++) {
			check_vector(versions[k], n, SERVER,
				     vectors[n].server);
			check_vector(versions[k], n, CLIENT,
				     vectors[n].client);
		}
}

static void
test_they_frame_as_13_does(void **state)
{
	size_t k;

	(void)state;
	for (k = 0; k < N_VERSIONS; k++) {
		assert_true(versions[k]->short_form);
		assert_true(versions[k]->pings);
		assert_true(versions[k]->close_coded);
		assert_true(versions[k]->close_echoed);
		assert_ptr_equal(versions[k]->init, lws_framer_13.init);
		assert_ptr_equal(versions[k]->next, lws_framer_13.next);
		assert_ptr_equal(versions[k]->head, lws_framer_13.head);
		assert_ptr_equal(versions[k]->copy, lws_framer_13.copy);
	}
}

static void
test_only_8_knows_text(void **state)
{
	struct lws_span bad = lws_span("\x03\xe8\xff", 3), reason;
	uint8_t out[LWS_CONTROL_MAX];
	uint16_t code;

	(void)state;
	assert_true(lws_framer_08.check_text);
	assert_false(lws_framer_07.check_text);
	assert_int_equal(lws_framer_08.close_parse(bad, &code, &reason),
			 LWS_ERR_TEXT);
	assert_int_equal(lws_framer_07.close_parse(bad, &code, &reason), 0);
	lws_framer_08.close_build(out, true, 1007, lws_span(NULL, 0));
	assert_int_equal(lws_be16(out), 1007);
	lws_framer_07.close_build(out, true, 1007, lws_span(NULL, 0));
	assert_int_equal(lws_be16(out), 1003);
}

static void
test_opcodes_of_the_first_generation_fail(void **state)
{
	static const uint8_t early[] = { 3, 4, 5, 6, 7 };
	size_t n, k;
	struct end e;

	(void)state;
	for (k = 0; k < N_VERSIONS; k++)
		for (n = 0; n < COUNT(early); n++) {
			open_end(&e, versions[k], SERVER);
			offer(&e, (uint8_t[]){ FIN | early[n] }, 1);
			assert_int_equal(e.rc, LWS_ERR_PROTOCOL);
			close_end(&e);
		}
}

static void
test_masks_are_where_they_belong(void **state)
{
	struct end e;
	size_t k;

	(void)state;
	for (k = 0; k < N_VERSIONS; k++) {
		open_end(&e, versions[k], SERVER);
		offer(&e, "\x81\x05Hello", 7);
		assert_int_equal(e.rc, LWS_ERR_PROTOCOL);
		close_end(&e);
		open_end(&e, versions[k], CLIENT);
		offer(&e, "\x81\x80....", 6);
		assert_int_equal(e.rc, LWS_ERR_PROTOCOL);
		close_end(&e);
		open_end(&e, versions[k], LENIENT);
		assert_true(offer(&e, "\x81\x05Hello", 7));
		close_end(&e);
		open_end(&e, versions[k], DEFEATED);
		assert_int_equal(e.tx.masking, 0);
		close_end(&e);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_vectors_are_written_and_read),
		cmocka_unit_test(test_they_frame_as_13_does),
		cmocka_unit_test(test_only_8_knows_text),
		cmocka_unit_test(test_opcodes_of_the_first_generation_fail),
		cmocka_unit_test(test_masks_are_where_they_belong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
