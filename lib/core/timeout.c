/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/timeout.c - why and when a connection expires.
 *
 * One timer per connection, in seconds, as the interface has it.  What is finer
 * or comes beside it is an alarm.
 */
#include "core/timeout.h"

#include <limits.h>

#include "base/compiler.h"
#include "core/alarm.h"
#include "core/context.h"
#include "core/wsi.h"

LWS_VISIBLE void
libwebsocket_set_timeout(struct libwebsocket *wsi, enum pending_timeout reason,
			 int secs)
{
	struct lws_loop *loop = wsi->loop;

	/* for a peer's Close nobody waits longer than the library */
	if (wsi->flags & (LWS_WSI_DOOMED | LWS_WSI_CLOSE_SENT))
		return;
	if (reason == NO_PENDING_TIMEOUT) {
		lws_wheel_disarm(&loop->wheel, &wsi->timer);
		return;
	}
	/* a turn that begins with work has not looked at the clock yet */
	loop->now_ms = lws_plat_now_ms();
	wsi->timer.reason = reason;
	lws_wheel_arm(&loop->wheel, &wsi->timer, loop->now_ms,
		      secs > 0 ? (uint64_t)secs * 1000 : 0);
	lws_loop_recall(loop);
}

void
lws_timeout_run(struct lws_loop *loop)
{
	struct lws_list late, *item;

	if (lws_unlikely(!lws_list_empty(&loop->seconds)) &&
	    loop->now_ms / 1000 != loop->second) {
		loop->second = loop->now_ms / 1000;
		loop->context->each_second(loop);
	}
	lws_list_init(&late);
	lws_wheel_advance(&loop->wheel, loop->now_ms, &late);
	while ((item = lws_list_pop(&late))) {
		struct libwebsocket *wsi =
			lws_container_of(item, struct libwebsocket, timer.link);
		int rc = LWS_ERR_TIMEOUT;

		if (wsi->stage->expired)
			rc = wsi->stage->expired(wsi, wsi->timer.reason);
		if (rc < 0)
			lws_wsi_doom(wsi, rc);
	}
	if (lws_unlikely(loop->alarmed))
		lws_alarm_run(loop);
}

/* ms until the earliest of timeouts and alarms, -1: there is none */
static int64_t
next_due(const struct lws_loop *loop, uint64_t now_ms)
{
	const int64_t timeout = lws_wheel_next(&loop->wheel, now_ms);
	int64_t alarm;

	if (lws_likely(!loop->alarmed))
		return timeout;
	alarm = lws_alarm_next(loop, now_ms);
	if (timeout < 0 || alarm < 0)
		return timeout < 0 ? alarm : timeout;
	return timeout < alarm ? timeout : alarm;
}

/* ms until those who count seconds are due, -1 when there are none */
static int64_t
next_second(const struct lws_loop *loop)
{
	uint64_t now;

	if (lws_list_empty(&loop->seconds))
		return -1;
	now = lws_plat_now_ms();
	return now / 1000 == loop->second ? 1000 - (int64_t)(now % 1000) : 0;
}

int
lws_timeout_wait(const struct lws_loop *loop, int timeout_ms)
{
	int64_t next, second = next_second(loop);

	if (!lws_list_empty(&loop->work))
		return 0;
	next = next_due(loop, loop->now_ms);
	/* the application may have taken its time since the last turn */
	if (next > 0)
		next = next_due(loop, lws_plat_now_ms());
	if (second >= 0 && (next < 0 || second < next))
		next = second;
	if (next < 0 || (timeout_ms >= 0 && next > timeout_ms))
		return timeout_ms;
	return next > INT_MAX ? INT_MAX : (int)next;
}
