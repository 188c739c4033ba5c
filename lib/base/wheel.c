/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * base/wheel.c - timers in O(1).
 *
 * A timer lies in slot due % 256 and the map has a bit for every slot that is
 * not empty.  Ticks are 32 bits and compared by their difference, so they may
 * wrap.  All armed timers are due at or after w->now: one that is already late
 * goes into the current slot, which is why advancing looks at that slot too.
 * Having been looked at, the current slot is only of interest again when such a
 * one is added: whoever else lies there is due a revolution later, and a loop
 * that took that for work at hand would spin until the tick has passed.
 *
 * While nothing is armed w->now stands still, so that a loop without timers
 * pays for neither clock arithmetic nor slots; arming the first one catches up.
 */
#include "base/wheel.h"

#include <stddef.h>
#include <string.h>

#include "base/compiler.h"

#define WORDS (LWS_WHEEL_SLOTS / 64)

/*
 * The most ticks ahead that a timer is armed for; what is further away comes
 * then.  Half of what tells a late tick from an early one, since the clock may
 * be as far ahead of w->now again.
 */
#define FARTHEST ((uint32_t)INT32_MAX / 2)

static bool
idle(const struct lws_wheel *w)
{
	return !(w->map[0] | w->map[1] | w->map[2] | w->map[3]);
}

static unsigned
slot_of(uint32_t tick)
{
	return tick % LWS_WHEEL_SLOTS;
}

/* the tick that @now_ms lies in; time before the start counts as the start */
static uint32_t
tick_at(const struct lws_wheel *w, uint64_t now_ms)
{
	if (now_ms <= w->start_ms)
		return 0;
	return (uint32_t)((now_ms - w->start_ms) / w->tick_ms);
}

/*
 * Slots from @from on to the first occupied one, going round once; the map is
 * not empty.  The word @from lies in is looked at twice: its upper part first,
 * its lower part last.
 */
static unsigned
distance(const struct lws_wheel *w, unsigned from)
{
	const unsigned start = from / 64;
	uint64_t bits = w->map[start] & (UINT64_MAX << (from % 64));
	unsigned n = 0;

	while (!bits)
		bits = w->map[(start + ++n) % WORDS];
	return slot_of((start + n) * 64 + lws_lowest_bit(bits) - from);
}

static void
clear_if_empty(struct lws_wheel *w, unsigned slot)
{
	if (lws_list_empty(&w->slot[slot]))
		w->map[slot / 64] &= ~((uint64_t)1 << (slot % 64));
}

void
lws_wheel_init(struct lws_wheel *w, uint32_t tick_ms, uint64_t now_ms)
{
	unsigned n;

	w->start_ms = now_ms;
	w->tick_ms = tick_ms;
	w->now = 0;
	w->seen = false;
	memset(w->map, 0, sizeof(w->map));
	for (n = 0; n < LWS_WHEEL_SLOTS; n++)
		lws_list_init(&w->slot[n]);
}

/* ms that have passed of that tick */
static uint64_t
into_tick(const struct lws_wheel *w, uint64_t now_ms)
{
	if (now_ms <= w->start_ms)
		return 0;
	return (now_ms - w->start_ms) % w->tick_ms;
}

/*
 * The first tick that begins @after_ms from @now_ms or later, at least the
 * current one.  Quotients are added and compared before they are narrowed: no
 * deadline, however far, wraps into the near future.
 */
static uint32_t
deadline(const struct lws_wheel *w, uint64_t now_ms, uint64_t after_ms)
{
	const uint32_t now = tick_at(w, now_ms);
	const uint64_t whole = after_ms / w->tick_ms;
	const uint64_t rest = into_tick(w, now_ms) + after_ms % w->tick_ms;
	const uint64_t ahead = whole + rest / w->tick_ms +
			       (rest % w->tick_ms != 0);
	uint32_t due;

	due = now + (ahead < FARTHEST ? (uint32_t)ahead : FARTHEST);
	return (int32_t)(due - w->now) < 0 ? w->now : due;
}

void
lws_wheel_arm(struct lws_wheel *w, struct lws_timer *t, uint64_t now_ms,
	      uint64_t after_ms)
{
	unsigned slot;

	lws_wheel_disarm(w, t);
	if (idle(w)) {
		w->now = tick_at(w, now_ms);
		w->seen = true;
	}
	t->due = deadline(w, now_ms, after_ms);
	if (t->due == w->now)
		w->seen = false;
	slot = slot_of(t->due);
	lws_list_add(&w->slot[slot], &t->link);
	w->map[slot / 64] |= (uint64_t)1 << (slot % 64);
}

void
lws_wheel_disarm(struct lws_wheel *w, struct lws_timer *t)
{
	if (!lws_timer_armed(t))
		return;
	lws_list_del(&t->link);
	clear_if_empty(w, slot_of(t->due));
}

int64_t
lws_wheel_next(const struct lws_wheel *w, uint64_t now_ms)
{
	const uint32_t from = w->now + w->seen;
	int32_t ticks;

	if (idle(w))
		return -1;

	ticks = (int32_t)(from + distance(w, slot_of(from)) -
			  tick_at(w, now_ms));
	if (ticks <= 0)
		return 0;
	return (int64_t)((uint64_t)ticks * w->tick_ms - into_tick(w, now_ms));
}

/* Move who is due at @tick from one slot to the end of @expired. */
static void
expire_slot(struct lws_wheel *w, unsigned slot, uint32_t tick,
	    struct lws_list *expired)
{
	struct lws_list *head = &w->slot[slot], *at, *next;

	for (at = head->next; at != head; at = next) {
		const struct lws_timer *t =
			lws_container_of(at, struct lws_timer, link);

		next = at->next;
		if ((int32_t)(tick - t->due) < 0)
			continue;
		lws_list_del(at);
		lws_list_add(expired, at);
	}
	clear_if_empty(w, slot);
}

void
lws_wheel_advance(struct lws_wheel *w, uint64_t now_ms,
		  struct lws_list *expired)
{
	const uint32_t from = w->now;
	uint32_t tick, last, n = 0;

	if (idle(w))
		return;
	tick = tick_at(w, now_ms);
	if ((int32_t)(tick - from) < 0)
		tick = from;
	w->now = tick;
	w->seen = true;

	/* a whole revolution shows every slot: more would show them twice */
	last = tick - from;
	if (last > LWS_WHEEL_SLOTS - 1)
		last = LWS_WHEEL_SLOTS - 1;
	while (!idle(w)) {
		n += distance(w, slot_of(from + n));
		if (n > last)
			return;
		expire_slot(w, slot_of(from + n), tick, expired);
		if (n++ == last)
			return;
	}
}

static bool
slot_valid(const struct lws_wheel *w, unsigned slot)
{
	const struct lws_list *head = &w->slot[slot], *at;
	const bool mapped = w->map[slot / 64] >> (slot % 64) & 1;

	if (mapped == lws_list_empty(head))
		return false;
	for (at = head->next; at != head; at = at->next) {
		const struct lws_timer *t =
			lws_container_of(at, struct lws_timer, link);

		if (at->next->prev != at || at->prev->next != at ||
		    slot_of(t->due) != slot || (int32_t)(t->due - w->now) < 0)
			return false;
	}
	return head->next->prev == head && head->prev->next == head;
}

bool
lws_wheel_valid(const struct lws_wheel *w)
{
	unsigned slot;

	for (slot = 0; slot < LWS_WHEEL_SLOTS; slot++)
		if (!slot_valid(w, slot))
			return false;
	return true;
}
