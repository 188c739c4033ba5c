/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/client-race.c - attempts to connect beside the first (RFC 8305 section
 * 5).
 *
 * Each is a connection that nobody outside has heard of, with a socket and one
 * question: did it connect?  The winner is taken over at the end of the turn,
 * when no stale readiness can be mistaken for that of the socket whose number
 * it gets.
 */
#include "stage/client.h"

#include <poll.h>

#include "core/context.h"
#include "core/watch.h"
#include "net/net.h"

int
lws_race_enter(struct lws_dial *d, int fd, size_t which)
{
	struct libwebsocket_context *context = lws_context_of(d->wsi);
	struct libwebsocket *wsi = lws_wsi_new(
		d->wsi->loop, fd, &lws_stage_attempt, &context->protocols[0]);
	int rc;

	if (!wsi) {
		lws_plat_close(fd);
		return LWS_ERR_NOMEM;
	}
	wsi->flags |= LWS_WSI_CLIENT | LWS_WSI_CONNECTING | LWS_WSI_INTERNAL |
		      LWS_WSI_ATTEMPT;
	wsi->u.attempt.dial = d;
	wsi->u.attempt.which = which;
	lws_list_init(&wsi->u.attempt.link);
	lws_list_add(&d->attempts, &wsi->u.attempt.link);
	rc = lws_watch_open(wsi);
	if (rc < 0)
		lws_wsi_discard(wsi);
	return rc;
}

void
lws_race_end(struct lws_dial *d)
{
	struct lws_list *item;

	while ((item = lws_list_pop(&d->attempts)))
		lws_wsi_bury_later(lws_container_of(item, struct libwebsocket,
						    u.attempt.link));
}

/* It leads nowhere: what that means to the connection it is for. */
static void
lost(struct lws_dial *d, int rc)
{
	struct libwebsocket *wsi = d->wsi;

	rc = lws_dial_go_on(d, rc);
	if (rc < 0)
		lws_wsi_doom(wsi, rc);
}

static int
attempt_ready(struct libwebsocket *wsi, short revents)
{
	struct lws_attempt *a = &wsi->u.attempt;
	struct lws_dial *d = a->dial;
	struct lws_client_request *r = d->wsi->u.client.request;
	int rc;

	if (!(revents & (POLLOUT | POLLERR | POLLHUP)))
		return 0;
	rc = lws_connect_finish(d->addrs, a->which, wsi->stream.fd, r->why,
				sizeof(r->why));
	lws_watch_close(wsi);
	if (rc >= 0) {
		if (!d->winner)
			d->winner = wsi;
		lws_alarm_set(wsi->loop, &d->alarm, 0);
		return 0;
	}
	lwsl_info("%s\n", r->why);
	lws_list_del(&a->link);
	lost(d, rc);
	return rc;
}

static void
attempt_leave(struct libwebsocket *wsi)
{
	lws_list_del(&wsi->u.attempt.link);
}

const struct lws_stage_ops lws_stage_attempt = {
	.ready = attempt_ready,
	.leave = attempt_leave,
};
