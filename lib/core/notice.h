/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/notice.h - what differs between the eras of the interface.
 *
 * compat.c has one row of a table per era; a context points at the one it was
 * created for.  Nothing else knows an era.
 */
#ifndef LWS_CORE_NOTICE_H
#define LWS_CORE_NOTICE_H

#include <stdbool.h>

#include "libwebsockets.h"

struct lws_era {
	short first;		/* LWS_API_ERA from which on it holds */
	bool pollargs;		/* descriptors come in one, under the lock */
	bool all_headers;	/* the filter of protocols gets them all */
	bool offered_first;	/* who was offered first hears of failures */
	bool in_user;		/* callbacks get it in user, not in in */
	bool uri_with_query;	/* callbacks get the target with its query */
	bool transactions;	/* HTTP goes on after a response by itself */
	bool origin_prefix;	/* a bare origin is made a URL */
	bool resolve_first;	/* connect has a descriptor on return */
};

/* what holds for LWS_API_ERA @era, never NULL */
const struct lws_era *lws_notice_for(int era);

/* Protocol 0 hears of a descriptor; @wsi may be NULL (our wake-up). */
int lws_notice_add(struct libwebsocket_context *context,
		   struct libwebsocket *wsi, int fd, short events);
void lws_notice_del(struct libwebsocket_context *context,
		    struct libwebsocket *wsi, int fd);
void lws_notice_change(struct libwebsocket *wsi, short was, short now);

/* FILTER_PROTOCOL_CONNECTION to the bound protocol: its result */
int lws_notice_filter(struct libwebsocket *wsi);

/* who hears of a client that fails before a protocol is agreed */
const struct libwebsocket_protocols *
lws_notice_error_target(struct libwebsocket_context *context,
			const char *offered);

#endif
