/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * builtin_test.c - the array of built-in extensions, with deflate-stream or
 * without.
 */
#include "ext/ext.h"
#include "unit/unit.h"

/* in the order of preference; the last may have been left out */
static const struct {
	const char *name;
	bool offered;
} want[] = {
	{ "permessage-deflate", true },
	{ "x-webkit-deflate-frame", false },
	{ "deflate-frame", true },
	{ "deflate-stream", true },
};

static void
test_the_array_is_in_order_of_preference(void **state)
{
	struct libwebsocket_extension *all =
		libwebsocket_get_internal_extensions();
	unsigned n;

	(void)state;
	assert_ptr_equal(all, libwebsocket_internal_extensions);
	for (n = 0; all[n].callback; n++) {
		const struct lws_ext_ops *ops = lws_ext_builtin(&all[n]);

		assert_true(n < COUNT(want));
		assert_string_equal(all[n].name, want[n].name);
		assert_non_null(ops);
		assert_string_equal(ops->name, want[n].name);
		assert_int_equal(ops->offered, want[n].offered);
		assert_true(ops->deflate);
		assert_int_equal(all[n].per_session_data_size, 0);
	}
	assert_true(n == COUNT(want) || n == COUNT(want) - 1);
	assert_null(all[n].name);
}

static void
test_copies_are_recognised(void **state)
{
	struct libwebsocket_extension copy =
		libwebsocket_get_internal_extensions()[2];

	(void)state;
	assert_ptr_equal(lws_ext_builtin(&copy), &lws_ext_deflate_frame);
}

static int
callback_of_an_application(struct libwebsocket_context *context,
			   struct libwebsocket_extension *ext,
			   struct libwebsocket *wsi,
			   enum libwebsocket_extension_callback_reasons reason,
			   void *user, void *in, size_t len)
{
	(void)context;
	(void)ext;
	(void)wsi;
	(void)reason;
	(void)user;
	(void)in;
	return (int)len;
}

static void
test_others_are_not_taken_for_ours(void **state)
{
	const struct libwebsocket_extension other = {
		"permessage-deflate", callback_of_an_application, 0, NULL
	};
	const struct libwebsocket_extension end = { NULL, NULL, 0, NULL };

	(void)state;
	assert_null(lws_ext_builtin(&other));
	assert_null(lws_ext_builtin(&end));
}

static void
test_callbacks_do_nothing(void **state)
{
	struct libwebsocket_extension *all =
		libwebsocket_get_internal_extensions();
	unsigned n;

	(void)state;
	for (n = 0; all[n].callback; n++)
		assert_int_equal(all[n].callback(NULL, &all[n], NULL,
			LWS_EXT_CALLBACK_PAYLOAD_RX, NULL, NULL, 7), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_array_is_in_order_of_preference),
		cmocka_unit_test(test_copies_are_recognised),
		cmocka_unit_test(test_others_are_not_taken_for_ours),
		cmocka_unit_test(test_callbacks_do_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
