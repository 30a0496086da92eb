/* SPDX-License-Identifier: ISC */

/* privdrop_linux.c: capabilities by capset(2), ids by setresuid(2). */

#include "config.h"

#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <linux/capability.h>

#include "privdrop.h"

/* Nobody executes anything: the bounding set is emptied for all. */
int
priv_before(uint32_t caps)
{
	int	 n;

	for (n = 0; n < 64; n++)
		if (prctl(PR_CAPBSET_DROP, n, 0, 0, 0) == -1)
			break;
	if (n == 0 || (n < 64 && errno != EINVAL))
		return (-1);
	/* old kernels have no ambient set */
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return (prctl(PR_SET_KEEPCAPS, caps != 0, 0, 0, 0));
}

int
priv_setids(uid_t uid, gid_t gid)
{
	if (setresgid(gid, gid, gid) == -1)
		return (-1);
	return (setresuid(uid, uid, uid));
}

int
priv_after(uint32_t caps)
{
	struct __user_cap_header_struct	 h;
	struct __user_cap_data_struct	 d[2];

	memset(&h, 0, sizeof(h));
	memset(d, 0, sizeof(d));
	h.version = _LINUX_CAPABILITY_VERSION_3;
	d[0].effective = d[0].permitted = caps;
	if (syscall(SYS_capset, &h, d) == -1)
		return (-1);
	return (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0));
}

int
priv_lock(void)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		return (-1);
	return (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}
