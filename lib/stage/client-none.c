/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/client-none.c - a build without the client: nobody connects, so nobody
 * connects again or goes through a proxy.
 */
#include "stage/client.h"

#include "core/context.h"

void
lws_proxy_settings(struct libwebsocket_context *context,
		   const struct lws_context_creation_info *info)
{
	(void)context;
	(void)info;
}

void
lws_proxy_settings_free(struct libwebsocket_context *context)
{
	(void)context;
}

/* Programs for servers set it, too, since their context may have clients. */
LWS_VISIBLE int
libwebsocket_set_proxy(struct libwebsocket_context *context, const char *proxy)
{
	(void)context;
	lwsl_info("a proxy is set, but this build has no clients that would "
		  "go through it\n");
	return proxy ? 0 : -1;
}

void
lws_stay_over(struct libwebsocket *wsi, int rc, const char *why)
{
	(void)wsi;
	(void)rc;
	(void)why;
}

void
lws_stay_forget(struct libwebsocket *wsi)
{
	(void)wsi;
}

void
lws_stay_forget_all(struct lws_loop *loop)
{
	(void)loop;
}

struct lws_ping_times
lws_client_ping_times(const struct libwebsocket *wsi)
{
	const struct libwebsocket_context *context = lws_context_of(wsi);
	const struct lws_ping_times times = {
		context->ping_interval_ms,
		context->pong_timeout_ms,
	};

	return times;
}
