/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ext/builtin.h - how entries of the array of built-in extensions are told from
 * others: by their callback, wherever an application has copied them to.
 */
#ifndef LWS_EXT_BUILTIN_H
#define LWS_EXT_BUILTIN_H

#include "ext/ext.h"

struct lws_builtin {
	extension_callback_function *callback;
	const struct lws_ext_ops *ops;
};

/*
 * A callback that is not called, for its address: a function of each entry's
 * own.
 */
#define LWS_BUILTIN_CALLBACK(name)                                             \
	static int name(struct libwebsocket_context *context,                  \
			struct libwebsocket_extension *ext,                    \
			struct libwebsocket *wsi,                              \
			enum libwebsocket_extension_callback_reasons reason,   \
			void *user, void *in, size_t len)                      \
	{                                                                      \
		(void)context;                                                 \
		(void)ext;                                                     \
		(void)wsi;                                                     \
		(void)reason;                                                  \
		(void)user;                                                    \
		(void)in;                                                      \
		(void)len;                                                     \
		return 0;                                                      \
	}

/* The ops of the one of @n at @all that has @callback, or NULL. */
static inline const struct lws_ext_ops *
lws_builtin_find(const struct lws_builtin *all, size_t n,
		 extension_callback_function *callback)
{
	while (n--)
		if (all[n].callback == callback)
			return all[n].ops;
	return NULL;
}

#endif
