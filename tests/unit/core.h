/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * unit/core.h - a context without listener or stages, for tests of core.
 *
 * Connections are one end of a socket pair in a stage of the test's.
 */
#ifndef LWS_UNIT_CORE_H
#define LWS_UNIT_CORE_H

#include "unit/sockets.h"
#include "core/context.h"
#include "core/handle.h"
#include "core/linger.h"
#include "core/mailbox.h"
#include "core/protocol.h"
#include "core/rx.h"
#include "core/service.h"
#include "core/timeout.h"
#include "core/user.h"
#include "core/watch.h"
#include "core/wsi.h"

/* what the callback was told last, and how often of each reason */
static struct core {
	struct libwebsocket_context context;
	struct lws_loop loop;
	struct libwebsocket_protocols protocols[3];
	unsigned told[LWS_CALLBACK_CLEAR_MODE_POLL_FD + 1];
	unsigned user;			/* reasons of the application's own */
	int events, prev_events;	/* of the last poll callback */
	int answer;			/* what the callback returns */
	int thread_id;
	void (*hook)(struct libwebsocket *wsi,
		     enum libwebsocket_callback_reasons reason);
} core;

LWS_UNUSED static int
core_callback(struct libwebsocket_context *context, struct libwebsocket *wsi,
	      enum libwebsocket_callback_reasons reason, void *user, void *in,
	      size_t len)
{
	const struct libwebsocket_pollargs *args = in;

	(void)user;
	(void)len;
	assert_ptr_equal(context, &core.context);
	if (reason == LWS_CALLBACK_GET_THREAD_ID)
		return core.thread_id;
	if (reason < LWS_CALLBACK_USER)
		core.told[reason]++;
	else
		core.user++;
	if (reason == LWS_CALLBACK_ADD_POLL_FD ||
	    reason == LWS_CALLBACK_CHANGE_MODE_POLL_FD) {
		core.events = args->events;
		core.prev_events = args->prev_events;
	}
	if (core.hook)
		core.hook(wsi, reason);
	return core.answer;
}

LWS_UNUSED static void
core_begin(const struct lws_event_ops *backend)
{
	struct libwebsocket_context *context = &core.context;
	unsigned n;

	memset(&core, 0, sizeof(core));
	unit_blocks = 0;
	unit_allow(-1);
	context->protocols = core.protocols;
	context->count_protocols = 2;
	context->loops = &core.loop;
	context->count_loops = 1;
	context->notice = lws_notice_for(140);
	context->tx_limit = LWS_TX_LIMIT;
	context->random_fd = lws_plat_random_open();
	assert_true(context->random_fd >= 0);
	for (n = 0; n < 2; n++) {
		core.protocols[n].name = n ? "two" : "one,uno";
		core.protocols[n].callback = core_callback;
		core.protocols[n].protocol_index = (int)n;
		core.protocols[n].owning_server = context;
		core.protocols[n].per_session_data_size = n ? 16 : 0;
	}
	assert_int_equal(lws_fds_init(&context->fds, 4096), 0);
	assert_int_equal(lws_loop_init(context->loops, context, backend, 4096),
			 0);
}

/* Everything is given back. */
LWS_UNUSED static void
core_end(void)
{
	lws_wsi_bury_all(core.context.loops);
	lws_loop_fini(core.context.loops);
	lws_handles_free(&core.context);
	lws_fds_fini(&core.context.fds);
	lws_plat_random_close(core.context.random_fd);
	assert_int_equal(unit_blocks, 0);
}

/* A watched connection in @stage; *@peer is the other end. */
LWS_UNUSED static struct libwebsocket *
core_wsi(const struct lws_stage_ops *stage, int *peer)
{
	struct libwebsocket *wsi;
	int ends[2];

	unit_connection(ends);
	*peer = ends[0];
	wsi = lws_wsi_new(core.context.loops, ends[1], stage,
			  &core.protocols[1]);
	assert_non_null(wsi);
	wsi->flags |= LWS_WSI_CREATED;
	assert_int_equal(lws_watch_open(wsi), 0);
	return wsi;
}

LWS_UNUSED static void
core_drop(struct libwebsocket *wsi, int peer)
{
	lws_wsi_bury_later(wsi);
	lws_wsi_bury_all(core.context.loops);
	close(peer);
}

#endif
