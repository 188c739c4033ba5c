/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of plat/unix/privileges.c.  What has become of a process cannot be
 * undone, so each case runs in a child that reports by its exit status; those
 * that need root are skipped for others.
 */
#include "unit/unit.h"

#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>
#endif

#include "base/err.h"
#include "plat/plat.h"

#define NOBODY 65534

/* exit status of a child that cannot try */
#define SKIPPED 77

/* Run @body in a child; it returns whether all was as it should be. */
static void
in_child(bool (*body)(void))
{
	const pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (!child)
		_exit(body() ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == SKIPPED)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
need_root(void)
{
	if (geteuid())
		_exit(SKIPPED);
}

static bool
all_dropped(void)
{
	gid_t group = 0;

	need_root();
	return !lws_plat_drop_privileges(NOBODY, NOBODY) &&
	       getuid() == NOBODY && geteuid() == NOBODY &&
	       getgid() == NOBODY && getegid() == NOBODY &&
	       getgroups(1, &group) == 1 && group == NOBODY &&
	       setuid(0) && setgid(0);
}

static void
test_root_becomes_the_user_in_his_groups_for_good(void **state)
{
	(void)state;
	in_child(all_dropped);
}

static bool
unnamed_dropped(void)
{
	const gid_t many[] = { 1, 2, 3 };
	gid_t groups[8];

	need_root();
	return !setgroups(3, many) &&
	       !lws_plat_drop_privileges(1234567, 7654321) &&
	       getuid() == 1234567 && getgid() == 7654321 &&
	       getgroups(8, groups) == 1 && groups[0] == 7654321;
}

static void
test_a_user_without_a_name_keeps_none_of_roots_groups(void **state)
{
	(void)state;
	in_child(unnamed_dropped);
}

static bool
nothing_asked(void)
{
	const uid_t uid = getuid();
	const gid_t gid = getgid();

	return !lws_plat_drop_privileges(-1, -1) && getuid() == uid &&
	       getgid() == gid;
}

static void
test_minus_one_leaves_all_as_it_is(void **state)
{
	(void)state;
	in_child(nothing_asked);
}

static bool
only_group(void)
{
	need_root();
	return !lws_plat_drop_privileges(-1, NOBODY) && !geteuid() &&
	       getegid() == NOBODY;
}

static bool
only_user(void)
{
	need_root();
	return !lws_plat_drop_privileges(NOBODY, -1) && getuid() == NOBODY &&
	       !getgid();
}

static void
test_one_can_be_dropped_without_the_other(void **state)
{
	(void)state;
	in_child(only_group);
	in_child(only_user);
}

static bool
stay_root(void)
{
	const gid_t many[] = { 1, 2, 3 };
	gid_t groups[8];

	need_root();
	return !setgroups(3, many) && !lws_plat_drop_privileges(0, 0) &&
	       !geteuid() && !getegid() && getgroups(8, groups) == 3;
}

static void
test_zeroes_leave_root_what_it_is(void **state)
{
	(void)state;
	in_child(stay_root);
}

static bool
others_carry_on(void)
{
	uid_t uid;
	gid_t gid;

	if (!geteuid() && (setgid(NOBODY) || setuid(NOBODY)))
		return false;
	uid = getuid();
	gid = getgid();
	return !lws_plat_drop_privileges(0, 0) &&
	       !lws_plat_drop_privileges(1, 1) && getuid() == uid &&
	       getgid() == gid;
}

static void
test_who_is_not_root_carries_on_as_he_is(void **state)
{
	(void)state;
	in_child(others_carry_on);
}

#ifdef __linux__

static void
write_text(const char *path, const char *text)
{
	const int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		_exit(SKIPPED);
	close(fd);
}

/* Root of a user namespace that knows nobody but root. */
static void
become_lonely_root(void)
{
	char map[64];
	const unsigned uid = geteuid(), gid = getegid();

	if (unshare(CLONE_NEWUSER))
		_exit(SKIPPED);
	write_text("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", uid);
	write_text("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", gid);
	write_text("/proc/self/gid_map", map);
	if (geteuid())
		_exit(SKIPPED);
}

static bool
refused_group(void)
{
	become_lonely_root();
	return lws_plat_drop_privileges(-1, 5) == LWS_ERR_ACCESS;
}

static bool
refused_user(void)
{
	become_lonely_root();
	return lws_plat_drop_privileges(5, -1) == LWS_ERR_ACCESS &&
	       lws_plat_drop_privileges(0, 0) == 0;
}

static void
test_root_that_cannot_drop_is_told(void **state)
{
	(void)state;
	in_child(refused_group);
	in_child(refused_user);
}

#else

static void
test_root_that_cannot_drop_is_told(void **state)
{
	(void)state;
	skip();
}

#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_root_becomes_the_user_in_his_groups_for_good),
		cmocka_unit_test(
			test_a_user_without_a_name_keeps_none_of_roots_groups),
		cmocka_unit_test(test_minus_one_leaves_all_as_it_is),
		cmocka_unit_test(test_one_can_be_dropped_without_the_other),
		cmocka_unit_test(test_zeroes_leave_root_what_it_is),
		cmocka_unit_test(test_who_is_not_root_carries_on_as_he_is),
		cmocka_unit_test(test_root_that_cannot_drop_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
