/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of core/wsi.c. */
#include "unit/core.h"

static unsigned overs, leaves;
static int over_rc;

static void
on_over(struct libwebsocket *wsi, int rc)
{
	assert_true(wsi->flags & LWS_WSI_DOOMED);
	overs++;
	over_rc = rc;
}

static void
on_leave(struct libwebsocket *wsi)
{
	(void)wsi;
	leaves++;
}

static const struct lws_stage_ops first = {
	.over = on_over, .leave = on_leave,
};
static const struct lws_stage_ops second = { 0 };

static void
begin(void)
{
	overs = leaves = 0;
	over_rc = 0;
	core_begin(&lws_event_poll);
}

static void
test_doom_tells_once_and_buries_at_the_end_of_the_turn(void **state)
{
	struct libwebsocket *wsi;
	int peer, fd;

	(void)state;
	begin();
	wsi = core_wsi(&first, &peer);
	fd = wsi->stream.fd;
	lws_wsi_doom(wsi, LWS_ERR_TEXT);
	assert_int_equal(overs, 1);
	assert_int_equal(over_rc, LWS_ERR_TEXT);
	assert_int_equal(leaves, 1);
	assert_int_equal(core.told[LWS_CALLBACK_DEL_POLL_FD], 1);
	assert_int_equal(core.told[LWS_CALLBACK_WSI_DESTROY], 1);
	/* its number is not free before */
	assert_true(fcntl(fd, F_GETFD) >= 0);
	lws_wsi_doom(wsi, LWS_ERR_IO);
	lws_wsi_doom(wsi, LWS_ERR_IO);
	assert_int_equal(overs, 1);
	assert_null(lws_fds_get(&core.context.fds, fd));
	lws_wsi_bury_all(core.context.loops);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	close(peer);
	core_end();
}

static void
doom_inside(struct libwebsocket *wsi, enum libwebsocket_callback_reasons reason)
{
	if ((int)reason == LWS_CALLBACK_USER)
		lws_wsi_doom(wsi, LWS_ERR_CLOSED);
}

static void
test_inside_its_own_callback_doom_waits(void **state)
{
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	begin();
	wsi = core_wsi(&first, &peer);
	core.hook = doom_inside;
	assert_int_equal(lws_user(wsi, (enum libwebsocket_callback_reasons)
				  LWS_CALLBACK_USER, NULL, 0), -1);
	assert_int_equal(overs, 0);
	assert_true(wsi->flags & LWS_WSI_END_ASKED);
	lws_wsi_doom(wsi, LWS_ERR_USER);
	assert_int_equal(overs, 1);
	close(peer);
	core_end();
}

static void
test_failing_ends_it_in_the_next_turn(void **state)
{
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	begin();
	wsi = core_wsi(&first, &peer);
	lws_wsi_fail(wsi);
	lws_wsi_fail(wsi);
	assert_int_equal(overs, 0);
	assert_int_equal(lws_loop_turn(core.context.loops, 0), 0);
	assert_int_equal(overs, 1);
	assert_int_equal(over_rc, LWS_ERR_USER);
	close(peer);
	core_end();
}

static void
test_entering_a_stage_leaves_the_other_and_clears(void **state)
{
	struct libwebsocket *wsi;
	const uint8_t *p;
	size_t n;
	int peer;

	(void)state;
	begin();
	wsi = core_wsi(&first, &peer);
	memset(&wsi->u, 0xee, sizeof(wsi->u));
	wsi->flags &= ~(uint32_t)LWS_WSI_HEADERS;
	lws_wsi_enter(wsi, &second);
	assert_ptr_equal(wsi->stage, &second);
	assert_int_equal(leaves, 1);
	for (p = (const uint8_t *)&wsi->u, n = 0; n < sizeof(wsi->u); n++)
		assert_int_equal(p[n], 0);
	core_drop(wsi, peer);
	core_end();
}

static void
test_user_space_is_zeroed_made_once_and_of_the_protocols_size(void **state)
{
	struct libwebsocket *wsi;
	char theirs[4];
	int peer;
	size_t n;

	(void)state;
	begin();
	wsi = core_wsi(&second, &peer);
	unit_allow(0);
	assert_int_equal(lws_wsi_make_space(wsi), LWS_ERR_NOMEM);
	unit_allow(-1);
	assert_int_equal(lws_wsi_make_space(wsi), 0);
	for (n = 0; n < 16; n++)
		assert_int_equal(((char *)wsi->user_space)[n], 0);
	((char *)wsi->user_space)[0] = 1;
	assert_int_equal(lws_wsi_make_space(wsi), 0);
	assert_int_equal(((char *)wsi->user_space)[0], 1);
	lws_wsi_free_space(wsi);
	assert_null(wsi->user_space);
	lws_wsi_bind(wsi, &core.protocols[0]);
	assert_int_equal(lws_wsi_make_space(wsi), 0);
	assert_null(wsi->user_space);
	/* what the application gave is not ours to free */
	wsi->user_space = theirs;
	assert_int_equal(lws_wsi_make_space(wsi), 0);
	lws_wsi_free_space(wsi);
	core_drop(wsi, peer);
	core_end();
}

static void
test_without_memory_there_is_no_connection(void **state)
{
	(void)state;
	begin();
	unit_allow(0);
	assert_null(lws_wsi_new(core.context.loops, -1, &first,
				&core.protocols[0]));
	unit_allow(-1);
	core_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_doom_tells_once_and_buries_at_the_end_of_the_turn),
		cmocka_unit_test(test_inside_its_own_callback_doom_waits),
		cmocka_unit_test(test_failing_ends_it_in_the_next_turn),
		cmocka_unit_test(
			test_entering_a_stage_leaves_the_other_and_clears),
		cmocka_unit_test(
			test_user_space_is_zeroed_made_once_and_of_the_protocols_size),
		cmocka_unit_test(test_without_memory_there_is_no_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
