/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/unix/privileges.c - ceasing to be root.
 *
 * The group goes first and the user last, since after that nothing may be
 * changed any more.
 */
#include "plat/plat.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "base/err.h"

/*
 * Root's own supplementary groups are as good as root in places.  A user that
 * the system has no name for gets no groups but @gid.
 */
static bool
take_groups(uid_t uid, gid_t gid)
{
	const struct passwd *user = getpwuid(uid);

	if (user)
		return !initgroups(user->pw_name, gid);
	return !setgroups(1, &gid);
}

int
lws_plat_drop_privileges(int uid, int gid)
{
	if (geteuid())
		return 0;
	if (gid != -1 && setgid((gid_t)gid))
		return LWS_ERR_ACCESS;
	if (uid == -1 || (!uid && !getuid()))
		return 0;
	if (!take_groups((uid_t)uid, getegid()) || setuid((uid_t)uid))
		return LWS_ERR_ACCESS;
	return 0;
}
