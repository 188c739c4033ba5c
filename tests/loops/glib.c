/* SPDX-License-Identifier: LGPL-2.1-only */
/* loops/glib.c - a main context of GLib's. */
#include "loops/loops.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <glib.h>

static GMainContext *loop;
static GSource *ticker;
static void (*ticked)(void);

static void *
begin(bool take_default)
{
	loop = take_default ? g_main_context_ref(g_main_context_default())
			    : g_main_context_new();
	return take_default ? NULL : loop;
}

static gboolean
on_time(gpointer ring)
{
	if (ring)
		ticked();
	return G_SOURCE_CONTINUE;
}

static GSource *
timer(int ms, gpointer ring)
{
	GSource *source = g_timeout_source_new((guint)ms);

	g_source_set_callback(source, on_time, ring, NULL);
	g_source_attach(source, loop);
	return source;
}

static void
drop(GSource *source)
{
	g_source_destroy(source);
	g_source_unref(source);
}

static void
run(int ms)
{
	GSource *limit = timer(ms, NULL);

	g_main_context_iteration(loop, TRUE);
	drop(limit);
}

static void
tick(int ms, void (*ring)(void))
{
	if (ticked)
		drop(ticker);
	ticked = ring;
	if (ring)
		ticker = timer(ms, &ticked);
}

/* The one descriptor that is left is what wakes the loop itself. */
static bool
alone(void)
{
	GPollFD fds[8];
	gint timeout, n;

	assert_true(g_main_context_acquire(loop));
	n = g_main_context_query(loop, G_MAXINT, &timeout, fds, 8);
	g_main_context_release(loop);
	return n <= 1;
}

static void
end(void)
{
	g_main_context_unref(loop);
}

const struct loops_driver loops_driver = {
	.name = "glib",
	.has_default = true,
	.begin = begin,
	.run = run,
	.tick = tick,
	.alone = alone,
	.end = end,
};
