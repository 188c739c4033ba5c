/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * event/find.c - choosing a backend by its name.
 */
#include "event/event.h"

#include <string.h>

const struct lws_event_ops *
lws_event_find(const char *name)
{
	const struct lws_event_ops *const *at = lws_event_backends;

	while (name && *at && strcmp((*at)->name, name))
		at++;
	return *at;
}
