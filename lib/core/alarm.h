/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/alarm.h - timers finer than a second, beside the one that every
 * connection has.
 *
 * For the few that need one: addresses that race, keepalive, reconnecting.
 */
#ifndef LWS_CORE_ALARM_H
#define LWS_CORE_ALARM_H

#include <stdint.h>

#include "base/wheel.h"

struct lws_loop;

struct lws_alarm {
	struct lws_timer timer;
	/* It is off again; whoever rings may set it anew, or free it. */
	void (*ring)(struct lws_alarm *alarm);
};

/* ms that an alarm may be late by */
#define LWS_ALARM_GRAIN 10

static inline void
lws_alarm_init(struct lws_alarm *alarm, void (*ring)(struct lws_alarm *alarm))
{
	lws_timer_init(&alarm->timer);
	alarm->ring = ring;
}

/*
 * Ring once, @ms from now, whether it was set before or not.  0: at the end of
 * this turn, when no readiness that was seen before is acted on any more; who
 * calls outside of a turn, or while alarms ring, gets the next one.
 */
void lws_alarm_set(struct lws_loop *loop, struct lws_alarm *alarm, uint32_t ms);

/* Harmless when it is not set. */
void lws_alarm_stop(struct lws_loop *loop, struct lws_alarm *alarm);

/* Ring those that are due. */
void lws_alarm_run(struct lws_loop *loop);

/* ms until the next one is due, -1: none is set */
int64_t lws_alarm_next(const struct lws_loop *loop, uint64_t now_ms);

#endif
