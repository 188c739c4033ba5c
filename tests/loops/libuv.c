/* SPDX-License-Identifier: LGPL-2.1-only */
/* loops/libuv.c - a loop of libuv's. */
#include "loops/loops.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <uv.h>

static uv_loop_t mine, *loop;
static uv_timer_t limit, ticker;
static void (*ticked)(void);

static void *
begin(bool take_default)
{
	loop = take_default ? uv_default_loop() : &mine;
	if (!take_default)
		assert_int_equal(uv_loop_init(loop), 0);
	uv_timer_init(loop, &limit);
	uv_timer_init(loop, &ticker);
	return take_default ? NULL : loop;
}

static void
on_limit(uv_timer_t *timer)
{
	(void)timer;
}

static void
on_tick(uv_timer_t *timer)
{
	(void)timer;
	ticked();
}

static void
run(int ms)
{
	/* it may be due before the loop waits, which must end all the same */
	uv_update_time(loop);
	uv_timer_start(&limit, on_limit, (uint64_t)ms, ms ? (uint64_t)ms : 1);
	uv_run(loop, UV_RUN_ONCE);
	uv_timer_stop(&limit);
}

static void
tick(int ms, void (*ring)(void))
{
	ticked = ring;
	if (ring)
		uv_timer_start(&ticker, on_tick, (uint64_t)ms, (uint64_t)ms);
	else
		uv_timer_stop(&ticker);
}

static void
count(uv_handle_t *handle, void *arg)
{
	unsigned *n = arg;

	*n += handle != (uv_handle_t *)&limit &&
	      handle != (uv_handle_t *)&ticker && !uv_is_closing(handle);
}

static bool
alone(void)
{
	unsigned n = 0;

	uv_walk(loop, count, &n);
	return !n;
}

/* Handles that were closed are given back by going round once more. */
static void
end(void)
{
	uv_close((uv_handle_t *)&limit, NULL);
	uv_close((uv_handle_t *)&ticker, NULL);
	uv_run(loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(loop), 0);
}

const struct loops_driver loops_driver = {
	.name = "libuv",
	.has_default = true,
	.begin = begin,
	.run = run,
	.tick = tick,
	.alone = alone,
	.end = end,
};
