/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/client-info.c - lws_client_connect_info(): a connection by struct.
 */
#include "stage/client.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/size.h"
#include "core/context.h"
#include "net/url.h"

/* what "[::1]:65535" has beside the address */
#define HOST_EXTRA 9

/* Lines that end in CR LF, without other controls: what a request can take. */
static bool
whole_lines(const char *s)
{
	const size_t len = strlen(s);
	size_t n;

	for (n = 0; n < len; n++) {
		if (s[n] == '\r' && s[n + 1] == '\n') {
			/* an empty line would end the head */
			if (!n || s[n - 1] == '\n')
				return false;
			n++;
			continue;
		}
		if ((unsigned char)s[n] < ' ' && s[n] != '\t')
			return false;
	}
	return !len || s[len - 1] == '\n';
}

/* The server's name as a Host header has it. */
static void
put_host(struct lws_buf *out, const struct lws_client_wish *w)
{
	const char *a = w->address;
	const bool bare_v6 = strchr(a, ':') && a[0] != '[';

	lws_buf_printf(out, bare_v6 ? "[%s]" : "%s", a);
	if (w->port != (w->ssl ? 443 : 80))
		lws_buf_printf(out, ":%d", w->port);
}

/* ---- from a URL ---- */

/* Copy @s to @out and end it; where it begins there. */
static const char *
put_text(struct lws_buf *out, const char *before, struct lws_span s)
{
	const char *at = (const char *)out->p + out->len;

	lws_buf_puts(out, before);
	lws_buf_span(out, s);
	lws_buf_put(out, "", 1);
	return at;
}

/* Fill @w from the URL, whose parts go to @mem, which is large enough. */
static int
from_url(struct lws_client_wish *w, const char *text, struct lws_buf *mem)
{
	struct lws_url url;

	if (lws_url_parse(text, &url) < 0)
		return LWS_ERR_PROTOCOL;
	w->address = put_text(mem, "", url.host);
	w->path = put_text(mem,
			   url.target.len && url.target.p[0] == '/' ? "" : "/",
			   url.target);
	if (!w->host)
		w->host = put_text(mem, "", url.authority);
	w->port = url.port;
	if (url.secure != (w->ssl != 0))
		w->ssl = url.secure;
	return 0;
}

static void
from_parts(struct lws_client_wish *w, struct lws_buf *mem)
{
	if (!w->path)
		w->path = "/";
	if (w->host || !w->address)
		return;
	w->host = (const char *)mem->p;
	put_host(mem, w);
	lws_buf_put(mem, "", 1);
}

/* ---- the call ---- */

static struct libwebsocket *
connect_with(struct libwebsocket_context *context,
	     const struct lws_client_connect_info *info, struct lws_buf *mem)
{
	struct lws_client_wish w = {
		.address = info->address,
		.path = info->path,
		.host = info->host,
		.origin = info->origin,
		.protocols = info->protocol,
		.headers = info->headers,
		.port = info->port,
		.ssl = info->ssl_connection,
		.version = info->version ? info->version : -1,
		.userdata = info->userdata,
		.pings = { info->ping_interval_ms, info->pong_timeout_ms },
	};

	if (!info->url) {
		from_parts(&w, mem);
	} else if (from_url(&w, info->url, mem) < 0) {
		lwsl_err("client connect: not the URL of a WebSocket\n");
		return NULL;
	}
	if (w.headers && !whole_lines(w.headers)) {
		lwsl_err("client connect: headers that are not lines, each "
			 "ended by CR LF\n");
		return NULL;
	}
	return info->reconnect.min_ms
		       ? lws_stay_begin(context, &w, &info->reconnect)
		       : lws_client_connect(context, &w);
}

LWS_VISIBLE struct libwebsocket *
lws_client_connect_info(struct libwebsocket_context *context,
			const struct lws_client_connect_info *info)
{
	const size_t url = info->url ? strlen(info->url) : 0;
	const size_t address = info->address ? strlen(info->address) : 0;
	struct libwebsocket *wsi;
	struct lws_buf mem;
	uint8_t *room;
	size_t size;

	if (!context || !lws_mul_ok(url, 3, &size) ||
	    !lws_add_ok(size, address + HOST_EXTRA + 8, &size))
		return NULL;
	room = lws_alloc(size);
	if (!room) {
		lwsl_err("client connect: out of memory\n");
		return NULL;
	}
	lws_buf_init(&mem, room, size);
	wsi = connect_with(context, info, &mem);
	lws_free(room);
	return wsi;
}

struct lws_ping_times
lws_client_ping_times(const struct libwebsocket *wsi)
{
	const struct libwebsocket_context *context = lws_context_of(wsi);
	struct lws_ping_times times = {
		context->ping_interval_ms,
		context->pong_timeout_ms,
	};

	if (!(wsi->flags & LWS_WSI_CLIENT))
		return times;
	if (wsi->u.client.request->pings.interval)
		times.interval = wsi->u.client.request->pings.interval;
	if (wsi->u.client.request->pings.timeout)
		times.timeout = wsi->u.client.request->pings.timeout;
	return times;
}
