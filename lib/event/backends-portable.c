/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * event/backends-portable.c - the backends of a build for any other system.
 */
#include "event/event.h"

const struct lws_event_ops *const lws_event_backends[] = {
	&lws_event_poll,
	&lws_event_external,
	NULL,
};
