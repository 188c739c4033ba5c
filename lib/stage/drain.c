/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/drain.c - ending in good order: nobody new, and last words for all.
 *
 * lws_drain() leaves word in the mailbox of each loop, which is all that a
 * signal handler may do.  A loop that reads it closes its listeners, sends its
 * Close frames, and from then on counts several times a second who is left; so
 * connections that nobody drains pay nothing for it.
 */
#include "stage/stages.h"

#include <poll.h>

#include "core/context.h"
#include "core/protocol.h"
#include "core/service.h"
#include "stage/client.h"
#include "stage/fork.h"

/* ms between two counts */
#define TICK 20

/* of a listener, at most: more come only if it is stormed */
#define BURSTS 1024

/* ---- who is left ---- */

static unsigned
length(const struct lws_list *list)
{
	const struct lws_list *at;
	unsigned n = 0;

	for (at = list->next; at != list; at = at->next)
		n++;
	return n;
}

static unsigned
count(const struct lws_loop *loop)
{
	unsigned n, all = length(&loop->lingering);

	for (n = 0; n < loop->context->count_protocols; n++)
		all += length(&loop->members[n]);
	return all;
}

static void
cut(struct libwebsocket *wsi, void *arg)
{
	(void)arg;
	lws_wsi_doom(wsi, LWS_ERR_TIMEOUT);
}

/* It has taken too long. */
static void
cut_all(struct lws_loop *loop)
{
	unsigned n;

	for (n = 0; n < loop->context->count_protocols; n++)
		lws_protocol_visit(loop, n, cut, NULL);
	while (!lws_list_empty(&loop->lingering))
		lws_wsi_bury_later(lws_container_of(
			loop->lingering.next, struct libwebsocket, peers));
}

static void
tick(struct lws_alarm *alarm)
{
	struct lws_loop *loop =
		lws_container_of(alarm, struct lws_loop, drain.alarm);
	unsigned left = count(loop);

	if (left && loop->now_ms >= loop->drain.end_ms) {
		lwsl_notice("draining took too long: %u connections cut off\n",
			    left);
		cut_all(loop);
		left = count(loop);
	}
	__atomic_store_n(&loop->drain.left, left + 1, __ATOMIC_RELEASE);
	if (left)
		lws_alarm_set(loop, alarm, TICK);
	else if (loop->context->kin)
		loop->context->kin->over = true;
}

/* ---- a loop begins ---- */

static bool
is_idle(const struct libwebsocket *wsi)
{
	const struct lws_block *b = lws_wsi_headers(wsi);

	return (LWS_BUILT_TLS && wsi->stage == &lws_stage_tls_accept) ||
	       (wsi->stage == &lws_stage_request && !wsi->stash &&
		(!b || lws_block_empty(b)));
}

/*
 * A request that has come, but was not read, is under way, too, also behind the
 * end of a handshake, for which nobody is to wait for the next turn.
 */
static void
last_request(struct libwebsocket *wsi)
{
	unsigned steps = 1 + LWS_BUILT_TLS;

	if (LWS_BUILT_TLS)
		wsi->loop->handshakes = 0;
	while (steps-- && is_idle(wsi))
		lws_service_ready(wsi, POLLIN);
	if (wsi->flags & LWS_WSI_DOOMED)
		return;
	if (is_idle(wsi))
		lws_wsi_doom(wsi, LWS_ERR_CLOSED);
	else if (lws_http_stage(wsi) && !wsi->stash)
		wsi->u.http.keep_alive = false;
}

static void
part(struct libwebsocket *wsi, void *arg)
{
	const int *status = arg;

	if (wsi->flags & LWS_WSI_OPEN)
		libwebsocket_close_and_free_session(
			lws_context_of(wsi), wsi,
			(enum lws_close_status)*status);
	else if (wsi->flags & LWS_WSI_CLIENT &&
		 wsi->stage != &lws_stage_closing)
		lws_wsi_doom(wsi, LWS_ERR_CLOSED);
	else if (!(wsi->flags & LWS_WSI_CLIENT))
		last_request(wsi);
}

/* Whoever the system has connected already is let in before it closes. */
static void
close_listeners(struct lws_loop *loop)
{
	struct lws_list *at = loop->listeners.next;
	int n;

	while (at != &loop->listeners) {
		struct libwebsocket *wsi =
			lws_container_of(at, struct libwebsocket, peers);

		at = at->next;
		if (wsi->stage != &lws_stage_listen)
			continue;
		wsi->flags &= ~(uint32_t)LWS_WSI_STOPPED;
		for (n = 0; n < BURSTS && wsi->stage->ready(wsi, POLLIN); n++)
			;
		lws_wsi_bury_later(wsi);
	}
}

void
lws_drain_loop(struct lws_loop *loop)
{
	struct libwebsocket_context *context = loop->context;
	int status = __atomic_load_n(&context->drain_status, __ATOMIC_RELAXED);
	int ms = __atomic_load_n(&context->drain_ms, __ATOMIC_RELAXED);
	unsigned n;

	loop->now_ms = lws_plat_now_ms();
	loop->drain.end_ms = loop->now_ms + (unsigned)ms;
	close_listeners(loop);
	lws_stay_forget_all(loop);
	for (n = 0; n < context->count_protocols; n++)
		lws_protocol_visit(loop, n, part, &status);
	if (!loop->drain.alarm.ring)
		lws_alarm_init(&loop->drain.alarm, tick);
	lws_alarm_set(loop, &loop->drain.alarm, TICK);
}

/* ---- from anywhere ---- */

LWS_VISIBLE void
lws_drain(struct libwebsocket_context *context, int status, int timeout_ms)
{
	const struct lws_kin *kin = context->kin;
	unsigned n;

	if (timeout_ms < 0)
		timeout_ms = 0;
	__atomic_store_n(&context->drain_status, status, __ATOMIC_RELAXED);
	__atomic_store_n(&context->drain_ms, timeout_ms, __ATOMIC_RELAXED);
	__atomic_store_n(&context->draining, true, __ATOMIC_RELEASE);
	if (kin && !kin->child)
		lws_broadcast_drain(kin, status, timeout_ms);
	for (n = 0; n < context->count_loops; n++)
		lws_mailbox_post(&context->loops[n], LWS_MAIL_DRAIN);
}

LWS_VISIBLE int
lws_drain_left(struct libwebsocket_context *context)
{
	const struct lws_kin *kin = context->kin;
	unsigned n, counted, all = 0;

	if (kin && !kin->child)
		all += lws_fork_alive(kin);
	for (n = 0; n < context->count_loops; n++) {
		counted = __atomic_load_n(&context->loops[n].drain.left,
					  __ATOMIC_ACQUIRE);
		/* one more than there are; 0: it has not begun */
		all += counted ? counted - 1 : 1;
	}
	return (int)all;
}
