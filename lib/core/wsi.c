/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/wsi.c - birth, stage changes, doom and burial of connections.
 *
 * Nothing is freed and no descriptor closed in the middle of a turn: a doomed
 * connection stays in memory until lws_wsi_bury_all(), so nobody up the stack
 * ever holds a dead pointer, and no descriptor number is reused while stale
 * readiness for it may still be in hand.
 */
#include "core/wsi.h"

#include "base/alloc.h"
#include "base/compiler.h"
#include "core/context.h"
#include "core/handle.h"
#include "core/linger.h"
#include "core/user.h"
#include "core/watch.h"

LWS_STATIC_ASSERT(sizeof(void *) != 8 ||
		  offsetof(struct libwebsocket, tx) == 64);
LWS_STATIC_ASSERT(sizeof(void *) != 8 || sizeof(struct libwebsocket) <= 264);

struct libwebsocket *
lws_wsi_new(struct lws_loop *loop, int fd, const struct lws_stage_ops *stage,
	    const struct libwebsocket_protocols *protocol)
{
	struct libwebsocket *wsi = lws_zalloc(sizeof(*wsi));

	if (!wsi)
		return NULL;
	wsi->stream.ops = &lws_transport_plain;
	wsi->stream.fd = fd;
	wsi->stage = stage;
	wsi->loop = loop;
	lws_list_init(&wsi->work);
	lws_list_init(&wsi->flush);
	lws_list_init(&wsi->peers);
	lws_timer_init(&wsi->timer);
	lws_wsi_bind(wsi, protocol);
	return wsi;
}

void
lws_wsi_tune_socket(const struct libwebsocket_context *context, int fd)
{
	lws_plat_nodelay(fd);
	if (context->ka_time)
		lws_plat_keepalive(fd, context->ka_time, context->ka_probes,
				   context->ka_interval);
}

static void
release(struct libwebsocket *wsi)
{
	lws_wheel_disarm(&wsi->loop->wheel, &wsi->timer);
	lws_list_del(&wsi->work);
	lws_list_del(&wsi->flush);
	lws_list_del(&wsi->peers);
	lws_tx_free(wsi);
	lws_wsi_drop_headers(wsi);
	lws_wsi_free_space(wsi);
	lws_free(wsi->stash);
	if (wsi->stream.fd >= 0)
		wsi->stream.ops->close(&wsi->stream);
	lws_free(wsi);
}

void
lws_wsi_discard(struct libwebsocket *wsi)
{
	lws_wsi_drop_headers(wsi);
	if (wsi->stage->leave)
		wsi->stage->leave(wsi);
	release(wsi);
}

void
lws_wsi_enter(struct libwebsocket *wsi, const struct lws_stage_ops *stage)
{
	struct lws_block *block = lws_wsi_headers(wsi);

	if (wsi->stage->leave)
		wsi->stage->leave(wsi);
	memset(&wsi->u, 0, sizeof(wsi->u));
	wsi->u.block = block;
	wsi->stage = stage;
}

void
lws_wsi_bind(struct libwebsocket *wsi,
	     const struct libwebsocket_protocols *protocol)
{
	wsi->protocol = protocol;
	lws_list_del(&wsi->peers);
	lws_list_add(&wsi->loop->members[protocol->protocol_index],
		     &wsi->peers);
}

int
lws_wsi_make_space(struct libwebsocket *wsi)
{
	if (wsi->user_space || !wsi->protocol->per_session_data_size)
		return 0;
	wsi->user_space = lws_zalloc(wsi->protocol->per_session_data_size);
	if (!wsi->user_space)
		return LWS_ERR_NOMEM;
	wsi->flags |= LWS_WSI_OWN_SPACE;
	return 0;
}

void
lws_wsi_free_space(struct libwebsocket *wsi)
{
	if (wsi->flags & LWS_WSI_OWN_SPACE)
		lws_free(wsi->user_space);
	wsi->flags &= ~(uint32_t)LWS_WSI_OWN_SPACE;
	wsi->user_space = NULL;
}

struct lws_block *
lws_wsi_need_headers(struct libwebsocket *wsi)
{
	if (wsi->flags & LWS_WSI_HEADERS)
		return wsi->u.block;
	wsi->u.block = lws_block_new();
	if (wsi->u.block)
		wsi->flags |= LWS_WSI_HEADERS;
	return wsi->u.block;
}

void
lws_wsi_drop_headers(struct libwebsocket *wsi)
{
	if (!(wsi->flags & LWS_WSI_HEADERS))
		return;
	lws_block_free(wsi->u.block);
	wsi->u.block = NULL;
	wsi->flags &= ~(uint32_t)LWS_WSI_HEADERS;
}

void
lws_wsi_doom(struct libwebsocket *wsi, int rc)
{
	if (wsi->flags & LWS_WSI_IN_CALLBACK) {
		wsi->flags |= LWS_WSI_END_ASKED;
		return;
	}
	if (wsi->flags & LWS_WSI_DOOMED) {
		lws_wsi_bury_later(wsi);
		return;
	}
	wsi->flags |= LWS_WSI_DOOMED;
	lws_handle_retire(wsi);
	wsi->flags &= ~(uint32_t)(LWS_WSI_ASKED | LWS_WSI_CONNECTING);
	lws_wheel_disarm(&wsi->loop->wheel, &wsi->timer);
	lws_list_del(&wsi->work);
	lws_watch_withdraw(wsi);
	if (wsi->stage->over)
		wsi->stage->over(wsi, rc);
	wsi->flags &= ~(uint32_t)(LWS_WSI_OPEN | LWS_WSI_STOPPED |
				  LWS_WSI_HOLDS | LWS_WSI_END_ASKED);
	if (wsi->flags & LWS_WSI_CREATED)
		lws_user_first(wsi, LWS_CALLBACK_WSI_DESTROY, NULL, 0);
	lws_wsi_drop_headers(wsi);
	if (wsi->stage->leave)
		wsi->stage->leave(wsi);
	memset(&wsi->u, 0, sizeof(wsi->u));
	lws_wsi_free_space(wsi);
	lws_free(wsi->stash);
	wsi->stash = NULL;
	lws_list_del(&wsi->peers);
	lws_linger(wsi);
}

void
lws_wsi_fail(struct libwebsocket *wsi)
{
	wsi->flags |= LWS_WSI_END_ASKED;
	lws_watch_work(wsi);
}

void
lws_wsi_bury_later(struct libwebsocket *wsi)
{
	lws_watch_close(wsi);
	lws_wheel_disarm(&wsi->loop->wheel, &wsi->timer);
	lws_list_del(&wsi->peers);
	lws_list_del(&wsi->flush);
	lws_list_add(&wsi->loop->doomed, &wsi->flush);
}

void
lws_wsi_bury_all(struct lws_loop *loop)
{
	struct lws_list *item;

	while ((item = lws_list_pop(&loop->doomed)))
		release(lws_container_of(item, struct libwebsocket, flush));
}
