/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of core/user.c and the inline part of core/user.h. */
#include "unit/core.h"

static const struct lws_stage_ops stage = { 0 };
static struct libwebsocket_context context;
static struct lws_loop loop;
static struct libwebsocket_protocols protocols[2];
static struct libwebsocket wsi;

static unsigned which;		/* protocol called last */
static void *user_seen, *in_seen;
static size_t len_seen;
static int answer;
static uint32_t set_flags;

static int
note(unsigned n, struct libwebsocket *w, void *user, void *in, size_t len)
{
	assert_ptr_equal(w, &wsi);
	assert_true(w->flags & LWS_WSI_IN_CALLBACK);
	which = n;
	user_seen = user;
	in_seen = in;
	len_seen = len;
	w->flags |= set_flags;
	return answer;
}

static int
zero(struct libwebsocket_context *ctx, struct libwebsocket *w,
     enum libwebsocket_callback_reasons reason, void *user, void *in,
     size_t len)
{
	(void)reason;
	assert_ptr_equal(ctx, &context);
	return note(0, w, user, in, len);
}

static int
one(struct libwebsocket_context *ctx, struct libwebsocket *w,
    enum libwebsocket_callback_reasons reason, void *user, void *in,
    size_t len)
{
	(void)ctx;
	if (reason == LWS_CALLBACK_RECEIVE) {
		assert_int_equal(((uint8_t *)in)[len], 0);
		memset(in, 'x', len + LWS_SEND_BUFFER_POST_PADDING);
	}
	return note(1, w, user, in, len);
}

static int
setup(void **state)
{
	(void)state;
	memset(&wsi, 0, sizeof(wsi));
	memset(protocols, 0, sizeof(protocols));
	protocols[0].callback = zero;
	protocols[1].callback = one;
	context.protocols = protocols;
	loop.context = &context;
	wsi.loop = &loop;
	wsi.stage = &stage;
	wsi.protocol = &protocols[1];
	wsi.user_space = &wsi;
	answer = 0;
	set_flags = 0;
	return 0;
}

static void
test_the_bound_or_the_first_protocol_is_called(void **state)
{
	char in[] = "in";

	(void)state;
	answer = 7;
	assert_int_equal(lws_user(&wsi, LWS_CALLBACK_CLOSED, in, 2), 7);
	assert_int_equal(which, 1);
	assert_ptr_equal(user_seen, &wsi);
	assert_ptr_equal(in_seen, in);
	assert_int_equal(len_seen, 2);
	answer = -3;
	assert_int_equal(lws_user_first(&wsi, LWS_CALLBACK_HTTP, in, 1), -3);
	assert_int_equal(which, 0);
	assert_int_equal(lws_user_as(&wsi, LWS_CALLBACK_CLOSED, in), -3);
	assert_int_equal(which, 1);
	assert_ptr_equal(user_seen, in);
	assert_null(in_seen);
	assert_false(wsi.flags & LWS_WSI_IN_CALLBACK);
}

static void
test_an_end_asked_for_inside_is_minus_one(void **state)
{
	unsigned char in[16] = "abc";

	(void)state;
	set_flags = LWS_WSI_END_ASKED;
	assert_int_equal(lws_user(&wsi, LWS_CALLBACK_CLOSED, NULL, 0), -1);
	wsi.flags = 0;
	assert_int_equal(lws_user_first(&wsi, LWS_CALLBACK_HTTP, NULL, 0), -1);
	wsi.flags = 0;
	assert_int_equal(lws_user_rx(&wsi, LWS_CALLBACK_RECEIVE, in, 3), -1);
}

static void
test_a_call_within_a_call_leaves_the_outer_one_marked(void **state)
{
	(void)state;
	wsi.flags = LWS_WSI_IN_CALLBACK;
	lws_user(&wsi, LWS_CALLBACK_CLOSED, NULL, 0);
	assert_true(wsi.flags & LWS_WSI_IN_CALLBACK);
	lws_user_first(&wsi, LWS_CALLBACK_CLOSED, NULL, 0);
	assert_true(wsi.flags & LWS_WSI_IN_CALLBACK);
}

static void
test_what_lies_behind_received_bytes_survives_scribbling(void **state)
{
	unsigned char in[] = "abcdefgh";

	(void)state;
	assert_int_equal(lws_user_rx(&wsi, LWS_CALLBACK_RECEIVE, in, 3), 0);
	assert_int_equal(len_seen, 3);
	assert_string_equal((char *)in, "xxxdefgh");
	assert_false(wsi.flags & LWS_WSI_IN_CALLBACK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			test_the_bound_or_the_first_protocol_is_called, setup),
		cmocka_unit_test_setup(
			test_an_end_asked_for_inside_is_minus_one, setup),
		cmocka_unit_test_setup(
			test_a_call_within_a_call_leaves_the_outer_one_marked,
			setup),
		cmocka_unit_test_setup(
			test_what_lies_behind_received_bytes_survives_scribbling,
			setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
