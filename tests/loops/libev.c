/* SPDX-License-Identifier: LGPL-2.1-only */
/* loops/libev.c - a loop of libev's. */
#include "loops/loops.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <ev.h>

static struct ev_loop *loop;
static ev_timer limit, ticker;
static void (*ticked)(void);

static void
on_limit(struct ev_loop *l, ev_timer *timer, int revents)
{
	(void)l;
	(void)timer;
	(void)revents;
}

static void
on_tick(struct ev_loop *l, ev_timer *timer, int revents)
{
	(void)l;
	(void)timer;
	(void)revents;
	ticked();
}

static void *
begin(bool take_default)
{
	loop = take_default ? ev_default_loop(EVFLAG_AUTO)
			    : ev_loop_new(EVFLAG_AUTO);
	assert_non_null(loop);
	return take_default ? NULL : loop;
}

static void
run(int ms)
{
	ev_now_update(loop);
	ev_timer_init(&limit, on_limit, ms / 1000., 0.);
	ev_timer_start(loop, &limit);
	ev_run(loop, EVRUN_ONCE);
	ev_timer_stop(loop, &limit);
}

static void
tick(int ms, void (*ring)(void))
{
	if (ticked)
		ev_timer_stop(loop, &ticker);
	ticked = ring;
	ev_timer_init(&ticker, on_tick, ms / 1000., ms / 1000.);
	if (ring)
		ev_timer_start(loop, &ticker);
}

/* libev does not count for us, but it says whether there is anybody. */
static bool
alone(void)
{
	return !ev_run(loop, EVRUN_NOWAIT);
}

static void
end(void)
{
	ev_loop_destroy(loop);
}

const struct loops_driver loops_driver = {
	.name = "libev",
	.has_default = true,
	.begin = begin,
	.run = run,
	.tick = tick,
	.alone = alone,
	.end = end,
};
