/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/alarm.c - timers finer than a second, beside the one that every
 * connection has.
 *
 * A second wheel of the same make as that of the timeouts.  What is due at once
 * lies in a list of its own: the wheel would round it up to its grain.
 */
#include "core/alarm.h"

#include "base/compiler.h"
#include "core/loop.h"

void
lws_alarm_set(struct lws_loop *loop, struct lws_alarm *alarm, uint32_t ms)
{
	lws_alarm_stop(loop, alarm);
	loop->alarmed = true;
	lws_loop_recall(loop);
	if (ms) {
		/* the turn may have begun a while ago */
		loop->now_ms = lws_plat_now_ms();
		lws_wheel_arm(&loop->fine, &alarm->timer, loop->now_ms, ms);
		return;
	}
	lws_list_add(&loop->due, &alarm->timer.link);
}

void
lws_alarm_stop(struct lws_loop *loop, struct lws_alarm *alarm)
{
	lws_wheel_disarm(&loop->fine, &alarm->timer);
}

void
lws_alarm_run(struct lws_loop *loop)
{
	struct lws_list due, *item;

	lws_list_init(&due);
	lws_list_move(&loop->due, &due);
	lws_wheel_advance(&loop->fine, loop->now_ms, &due);
	while ((item = lws_list_pop(&due))) {
		struct lws_alarm *alarm =
			lws_container_of(item, struct lws_alarm, timer.link);

		alarm->ring(alarm);
	}
	loop->alarmed = lws_alarm_next(loop, loop->now_ms) >= 0;
}

int64_t
lws_alarm_next(const struct lws_loop *loop, uint64_t now_ms)
{
	if (!lws_list_empty(&loop->due))
		return 0;
	return lws_wheel_next(&loop->fine, now_ms);
}
