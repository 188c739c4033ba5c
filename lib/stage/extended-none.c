/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/extended-none.c - a build without extensions: none is offered,
 * accepted or listened to.
 */
#include "stage/stages.h"

#include "core/context.h"

int
lws_extended_open(struct libwebsocket_context *context,
		  const struct lws_context_creation_info *info)
{
	(void)context;
	if (!info->extensions)
		return 0;
	lwsl_err("this build has no extensions: it needs zlib and no "
		 "--without-extensions\n");
	return -1;
}

int
lws_extended_announce(struct libwebsocket_context *context)
{
	(void)context;
	return 0;
}

void
lws_extended_withdraw(struct libwebsocket_context *context)
{
	(void)context;
}

void
lws_extended_close(struct libwebsocket_context *context)
{
	(void)context;
}

int
lws_extended_accept(struct libwebsocket *wsi, struct lws_buf *answer,
		    struct lws_aside **aside)
{
	(void)wsi;
	(void)answer;
	*aside = NULL;
	return 0;
}

bool
lws_extended_reply(struct libwebsocket *wsi, const struct lws_aside *aside,
		   struct lws_span head)
{
	(void)wsi;
	(void)aside;
	(void)head;
	return true;
}

size_t
lws_extended_offer_room(const struct libwebsocket *wsi)
{
	(void)wsi;
	return 0;
}

void
lws_extended_offer(struct libwebsocket *wsi, struct lws_buf *out)
{
	(void)wsi;
	(void)out;
}

int
lws_extended_confirm(struct libwebsocket *wsi, struct lws_aside **aside,
		     const char **why)
{
	*aside = NULL;
	if (!lws_block_count(wsi->u.block, WSI_TOKEN_EXTENSIONS))
		return 0;
	*why = "server chose an extension that was not offered";
	return LWS_ERR_PROTOCOL;
}

void
lws_extended_begin(struct libwebsocket *wsi, struct lws_aside *aside)
{
	(void)wsi;
	(void)aside;
}

void
lws_extended_abandon(struct lws_aside *aside)
{
	(void)aside;
}

void
lws_extended_established(struct libwebsocket *wsi)
{
	(void)wsi;
}

void
lws_extended_over(struct libwebsocket *wsi)
{
	(void)wsi;
}

void
lws_extended_drain(struct libwebsocket *wsi)
{
	(void)wsi;
}

bool
lws_extended_keeps(const struct libwebsocket *wsi)
{
	(void)wsi;
	return false;
}

void
lws_extended_leave(struct libwebsocket *wsi)
{
	(void)wsi;
}

bool
lws_extended_connects(struct libwebsocket *wsi, const char *address, int port)
{
	(void)wsi;
	(void)address;
	(void)port;
	return false;
}

/* No connection is ever extended: these have nothing to be called for. */
int
lws_extended_write(struct libwebsocket *wsi, struct lws_span payload,
		   unsigned kind)
{
	(void)wsi;
	(void)payload;
	(void)kind;
	return LWS_ERR_UNSUPPORTED;
}

int
lws_extended_frames(struct libwebsocket *wsi, struct lws_span payload,
		    unsigned kind, lws_frame_put *put, void *arg)
{
	(void)wsi;
	(void)payload;
	(void)kind;
	(void)put;
	(void)arg;
	return LWS_ERR_UNSUPPORTED;
}

const struct lws_ext_config *
lws_extended_repeats(const struct libwebsocket *wsi)
{
	(void)wsi;
	return NULL;
}

int
lws_extended_rx(struct libwebsocket *wsi, struct lws_span *in)
{
	(void)wsi;
	(void)in;
	return LWS_ERR_UNSUPPORTED;
}

bool
lws_extended_has_bytes(const struct libwebsocket *wsi)
{
	(void)wsi;
	return false;
}

int
lws_extended_bytes(struct libwebsocket *wsi, struct lws_span frame)
{
	(void)wsi;
	(void)frame;
	return LWS_ERR_UNSUPPORTED;
}
