/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * event/backends-linux.c - the backends of a Linux build.
 */
#include "event/event.h"

const struct lws_event_ops *const lws_event_backends[] = {
	&lws_event_epoll,
	&lws_event_poll,
	&lws_event_external,
	NULL,
};
