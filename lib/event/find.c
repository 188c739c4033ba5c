/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * event/find.c - choosing a backend, or somebody else's loop, by its name.
 */
#include "event/event.h"

#include <string.h>

#include "event/host.h"

const struct lws_event_ops *
lws_event_find(const char *name)
{
	const struct lws_event_ops *const *at = lws_event_backends;

	while (name && *at && strcmp((*at)->name, name))
		at++;
	return *at;
}

const struct lws_host_ops *
lws_host_find(const char *name)
{
	const struct lws_host_ops *const *at = lws_hosts;

	while (name && *at && strcmp((*at)->name, name))
		at++;
	return name ? *at : NULL;
}
