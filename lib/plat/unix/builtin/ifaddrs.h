/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ifaddrs.h - the library's own list of addresses by the names of libc's.
 *
 * This folder is searched where --enable-builtin-getifaddrs was given or libc
 * has no such header, so that plat/unix/iface.c reads the same either way.
 */
#ifndef LWS_BUILTIN_IFADDRS_H
#define LWS_BUILTIN_IFADDRS_H

#include "plat/unix/getifaddrs.h"

#define ifaddrs	    lws_plat_ifaddrs
#define getifaddrs  lws_plat_getifaddrs
#define freeifaddrs lws_plat_freeifaddrs

#endif
