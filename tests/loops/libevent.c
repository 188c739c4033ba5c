/* SPDX-License-Identifier: LGPL-2.1-only */
/* loops/libevent.c - an event base of libevent's. */
#include "loops/loops.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <event2/event.h>

static struct event_base *base;
static struct event *limit, *ticker;
static void (*ticked)(void);

static void
on_limit(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	ticked();
}

static void *
begin(bool take_default)
{
	assert_false(take_default);
	base = event_base_new();
	assert_non_null(base);
	limit = evtimer_new(base, on_limit, NULL);
	ticker = event_new(base, -1, EV_PERSIST, on_tick, NULL);
	assert_true(limit && ticker);
	return base;
}

static struct timeval
in_ms(int ms)
{
	const struct timeval t = { ms / 1000, ms % 1000 * 1000 };

	return t;
}

static void
run(int ms)
{
	const struct timeval at_most = in_ms(ms);

	evtimer_add(limit, &at_most);
	event_base_loop(base, EVLOOP_ONCE);
	evtimer_del(limit);
}

static void
tick(int ms, void (*ring)(void))
{
	const struct timeval every = in_ms(ms);

	ticked = ring;
	if (ring)
		event_add(ticker, &every);
	else
		event_del(ticker);
}

static bool
alone(void)
{
	return event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED) ==
	       (ticked ? 1 : 0);
}

static void
end(void)
{
	event_free(limit);
	event_free(ticker);
	event_base_free(base);
}

const struct loops_driver loops_driver = {
	.name = "libevent",
	.begin = begin,
	.run = run,
	.tick = tick,
	.alone = alone,
	.end = end,
};
