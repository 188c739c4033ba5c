/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * event/glib.c - served by a main context of GLib's.
 *
 * One source that is both: it has a descriptor and a time to be ready at.
 */
#include "event/host.h"

#include <glib.h>

#include "base/err.h"

struct source {
	GSource base;
	struct lws_host *host;
};

static gboolean
dispatch(GSource *base, GSourceFunc unused, gpointer data)
{
	struct lws_host *host = ((struct source *)base)->host;

	(void)unused;
	(void)data;
	/* it stays ready by its time until that is another */
	g_source_set_ready_time(base, -1);
	host->turn(host);
	return G_SOURCE_CONTINUE;
}

/*
 * Without prepare and check a source is ready when its descriptor or its time
 * is.  Not const because GLib does not take it so.
 */
static GSourceFuncs funcs = {
	.dispatch = dispatch,
};

/* GLib ends the program when there is no memory, so nothing here can fail. */
static int
glib_open(struct lws_host *host, int fd)
{
	GSource *base = g_source_new(&funcs, sizeof(struct source));

	((struct source *)base)->host = host;
	g_source_add_unix_fd(base, fd, G_IO_IN);
	g_source_attach(base, host->theirs);
	host->state = base;
	return 0;
}

static void
glib_arm(struct lws_host *host, int ms)
{
	gint64 at = ms;

	if (ms > 0)
		at = g_get_monotonic_time() + (gint64)ms * 1000;
	g_source_set_ready_time(host->state, at);
}

static void
glib_close(struct lws_host *host)
{
	g_source_destroy(host->state);
	g_source_unref(host->state);
}

const struct lws_host_ops lws_host_glib = {
	.name = "glib",
	.open = glib_open,
	.arm = glib_arm,
	.close = glib_close,
};
