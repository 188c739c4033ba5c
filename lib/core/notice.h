/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/notice.h - what differs between the eras of the interface.
 *
 * compat.c holds one const table per era; a context points at the one it was
 * created for.  Nothing else knows an era.
 */
#ifndef LWS_CORE_NOTICE_H
#define LWS_CORE_NOTICE_H

#include <stdbool.h>

#include "libwebsockets.h"

struct lws_notice_ops {
	/* Protocol 0 hears of a descriptor; @wsi may be NULL (our wake-up). */
	int (*add)(struct libwebsocket_context *context,
		   struct libwebsocket *wsi, int fd, short events);
	void (*del)(struct libwebsocket_context *context,
		    struct libwebsocket *wsi, int fd);
	void (*change)(struct libwebsocket_context *context,
		       struct libwebsocket *wsi, short was, short now);

	/* FILTER_PROTOCOL_CONNECTION to the bound protocol: its result */
	int (*filter_protocol)(struct libwebsocket *wsi);

	/* who hears of a client that fails before a protocol is agreed; NULL
	 * in a build without */
	const struct libwebsocket_protocols *(*error_target)(
		struct libwebsocket_context *context, const char *offered);

	bool in_user;		/* callbacks get it in user, not in in */
	bool uri_with_query;	/* callbacks get the target with its query */
	bool transactions;	/* HTTP goes on after a response by itself */
	bool origin_prefix;	/* a bare origin is made a URL */
	bool resolve_first;	/* connect has a descriptor on return */
};

/* the table for LWS_API_ERA @era, never NULL */
const struct lws_notice_ops *lws_notice_for(int era);

#endif
