/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of core/protocol.c. */
#include "unit/core.h"

static const struct lws_stage_ops stage = { 0 };
static struct libwebsocket *member[4];
static int peer[4];
static unsigned visits;
static int act;

static void
begin(void)
{
	int n;

	core_begin(&lws_event_poll);
	for (n = 0; n < 4; n++)
		member[n] = core_wsi(&stage, &peer[n]);
	visits = 0;
	act = 0;
}

static void
end(void)
{
	int n;

	for (n = 0; n < 4; n++) {
		if (!(member[n]->flags & LWS_WSI_DOOMED))
			lws_wsi_bury_later(member[n]);
		close(peer[n]);
	}
	core_end();
}

/* While everybody is visited: end some, add some, move some. */
static void
on_visit(struct libwebsocket *wsi, enum libwebsocket_callback_reasons reason)
{
	if ((int)reason != LWS_CALLBACK_USER + 5)
		return;
	visits++;
	if (act == 1 && wsi == member[1]) {
		lws_wsi_doom(member[0], LWS_ERR_CLOSED);
		lws_wsi_doom(member[1], LWS_ERR_CLOSED);
		lws_wsi_doom(member[2], LWS_ERR_CLOSED);
	}
	if (act == 2)
		lws_wsi_bind(member[3], &core.protocols[visits % 2]);
	if (act == 3 && visits < 20)
		lws_wsi_bind(wsi, &core.protocols[1]);
}

static void
test_everybody_is_visited_once_whatever_happens_meanwhile(void **state)
{
	(void)state;
	for (int n = 0; n < 4; n++) {
		static const unsigned most[] = { 4, 4, 4, 4 };

		begin();
		core.hook = on_visit;
		act = n;
		core.context.loops->in_turn = true;
		assert_int_equal(libwebsocket_callback_all_protocol(
				&core.protocols[1], LWS_CALLBACK_USER + 5), 0);
		assert_true(visits <= most[n]);
		assert_true(visits >= 2);
		if (n == 0 || n == 3)
			assert_int_equal(visits, 4);
		if (n == 1)
			assert_true(member[1]->flags & LWS_WSI_DOOMED);
		end();
	}
}

/* A client may try several addresses at once, which is nobody's business. */
static void
test_attempts_of_a_connection_are_not_called_back(void **state)
{
	(void)state;
	if (!LWS_BUILT_CLIENT)
		skip();
	begin();
	core.hook = on_visit;
	member[1]->flags |= LWS_WSI_ATTEMPT;
	assert_int_equal(libwebsocket_callback_all_protocol(
			&core.protocols[1], LWS_CALLBACK_USER + 5), 0);
	assert_int_equal(visits, 3);
	end();
}

static void
test_members_ask_and_flow_by_protocol(void **state)
{
	int n;

	(void)state;
	begin();
	lws_wsi_bind(member[3], &core.protocols[0]);
	for (n = 0; n < 4; n++)
		libwebsocket_rx_flow_control(member[n], 0);
	libwebsocket_callback_on_writable_all_protocol(&core.protocols[1]);
	libwebsocket_rx_flow_allow_all_protocol(&core.protocols[1]);
	for (n = 0; n < 4; n++) {
		assert_int_equal(!!(member[n]->flags & LWS_WSI_ASKED), n < 3);
		assert_int_equal(!!(member[n]->flags & LWS_WSI_STOPPED),
				 n == 3);
		assert_ptr_equal(libwebsockets_get_protocol(member[n]),
				 &core.protocols[n < 3]);
		assert_int_equal(libwebsocket_get_socket_fd(member[n]),
				 member[n]->stream.fd);
	}
	/* a context that ends asks nobody */
	core.context.loops->destroying = true;
	libwebsocket_callback_on_writable_all_protocol(&core.protocols[0]);
	assert_false(member[3]->flags & LWS_WSI_ASKED);
	core.context.loops->destroying = false;
	end();
}

static void
test_names_are_found_whole_then_in_lists(void **state)
{
	static const struct {
		const char *name;
		int index;
	} rows[] = {
		{ "one,uno", 0 }, { "one", 0 }, { "uno", 0 }, { "two", 1 },
		{ "tw", -1 }, { "twoo", -1 }, { "", -1 }, { "one,", -1 },
		{ "TWO", -1 },
	};
	size_t n;

	(void)state;
	core_begin(&lws_event_poll);
	for (n = 0; n < COUNT(rows); n++)
		assert_ptr_equal(lws_protocol_find(&core.context,
						   lws_span_str(rows[n].name)),
				 rows[n].index < 0 ? NULL :
				 &core.protocols[rows[n].index]);
	core.protocols[1].name = "one";
	assert_ptr_equal(lws_protocol_find(&core.context, lws_span_str("one")),
			 &core.protocols[1]);
	core.protocols[1].name = NULL;
	assert_ptr_equal(lws_protocol_find(&core.context, lws_span_str("uno")),
			 &core.protocols[0]);
	core_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_everybody_is_visited_once_whatever_happens_meanwhile),
		cmocka_unit_test(
			test_attempts_of_a_connection_are_not_called_back),
		cmocka_unit_test(test_members_ask_and_flow_by_protocol),
		cmocka_unit_test(test_names_are_found_whole_then_in_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
