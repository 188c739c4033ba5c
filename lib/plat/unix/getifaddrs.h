/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/unix/getifaddrs.h - the interfaces of a system and their addresses.
 *
 * The members are called what they are called in libc's <ifaddrs.h>, for which
 * this stands in: builtin/ifaddrs.h.
 */
#ifndef LWS_PLAT_UNIX_GETIFADDRS_H
#define LWS_PLAT_UNIX_GETIFADDRS_H

#include <sys/socket.h>

/*
 * Every interface once, without an address; then every IPv4 and IPv6 address
 * with its netmask.  The name is the interface's, or the label of an IPv4
 * address: "eth0:1".
 */
struct lws_plat_ifaddrs {
	struct lws_plat_ifaddrs *ifa_next;
	char *ifa_name;
	unsigned ifa_flags;		/* IFF_UP and its like */
	struct sockaddr *ifa_addr;	/* or NULL */
	struct sockaddr *ifa_netmask;	/* or NULL, together with it */
};

/*
 * Give a list, for lws_plat_freeifaddrs(), from any thread: 0, LWS_ERR_NOMEM,
 * LWS_ERR_IO.
 */
int lws_plat_getifaddrs(struct lws_plat_ifaddrs **list);
void lws_plat_freeifaddrs(struct lws_plat_ifaddrs *list);

#endif
