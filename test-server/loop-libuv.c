/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * loop-libuv.c - a WebSocket server within a loop of libuv's.
 *
 * The loop also has a timer and signals of the program's own: the library is
 * one guest among others.  Usage: loop-libuv [PORT]
 */
#include <signal.h>

#include <uv.h>

#include "loop-echo.h"

static uv_timer_t timer;
static uv_signal_t sigint, sigterm;

static void
tick(uv_timer_t *unused)
{
	(void)unused;
	loop_echo_tick();
}

/* ^C: without handles that are open there is nothing to run for. */
static void
leave(uv_signal_t *signal, int signum)
{
	(void)signum;
	libwebsocket_context_destroy(signal->data);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_close((uv_handle_t *)&sigint, NULL);
	uv_close((uv_handle_t *)&sigterm, NULL);
}

int
main(int argc, char **argv)
{
	uv_loop_t *loop = uv_default_loop();
	struct libwebsocket_context *context =
		loop_echo(argc, argv, "libuv", loop);

	if (!context)
		return 1;
	uv_timer_init(loop, &timer);
	uv_timer_start(&timer, tick, 1000, 1000);
	uv_signal_init(loop, &sigint);
	uv_signal_init(loop, &sigterm);
	sigint.data = sigterm.data = context;
	uv_signal_start(&sigint, leave, SIGINT);
	uv_signal_start(&sigterm, leave, SIGTERM);

	uv_run(loop, UV_RUN_DEFAULT);
	return uv_loop_close(loop) ? 1 : 0;
}
