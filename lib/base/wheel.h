/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * base/wheel.h - timers in O(1).
 *
 * 256 slots of one tick each and a map of the occupied ones.  A deadline that
 * is more than a revolution away stays in its slot and is looked at once per
 * revolution.  The tick is given at init; time is the caller's, in ms, from
 * any clock that does not run backwards.
 */
#ifndef LWS_BASE_WHEEL_H
#define LWS_BASE_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"

#define LWS_WHEEL_SLOTS 256

struct lws_timer {
	struct lws_list link;
	uint32_t due;		/* tick */
	uint32_t reason;	/* the owner's; the wheel never looks */
};

struct lws_wheel {
	uint64_t start_ms;	/* when tick 0 began */
	uint32_t tick_ms;
	uint32_t now;		/* the last tick advanced to while armed */
	bool seen;		/* nobody in the slot of that tick is due */
	uint64_t map[LWS_WHEEL_SLOTS / 64];
	struct lws_list slot[LWS_WHEEL_SLOTS];
};

void lws_wheel_init(struct lws_wheel *w, uint32_t tick_ms, uint64_t now_ms);

static inline void
lws_timer_init(struct lws_timer *t)
{
	lws_list_init(&t->link);
	t->due = 0;
	t->reason = 0;
}

static inline bool
lws_timer_armed(const struct lws_timer *t)
{
	return !lws_list_empty(&t->link);
}

/*
 * Expire @t not before @after_ms from @now_ms, and less than one tick after
 * that; at the latest 2^30 ticks from now.  A timer that is armed already is
 * moved.
 */
void lws_wheel_arm(struct lws_wheel *w, struct lws_timer *t, uint64_t now_ms,
		   uint64_t after_ms);

/* Harmless when @t is not armed. */
void lws_wheel_disarm(struct lws_wheel *w, struct lws_timer *t);

/* ms until lws_wheel_advance() has something to look at, -1 for never */
int64_t lws_wheel_next(const struct lws_wheel *w, uint64_t now_ms);

/*
 * Move every timer that is due at @now_ms to the end of @expired, disarmed in
 * all but its link: take each off that list before acting on it, since acting
 * on one may disarm (and so remove) another.
 */
void lws_wheel_advance(struct lws_wheel *w, uint64_t now_ms,
		       struct lws_list *expired);

/* Is every list and the map in order?  For tests. */
bool lws_wheel_valid(const struct lws_wheel *w);

#endif
