/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file behind a mapping of the target.  A path alone does not tell: the file may have
 * been replaced since it was mapped, and the target may see another one there.
 */
#ifndef WSSTAT_KERNEL_MAPPED_FILE_H
#define WSSTAT_KERNEL_MAPPED_FILE_H

#include <sys/stat.h>

#include "kernel/procfs.h"
#include "model/region.h"

/*
 * Open the very file, deleted or not, by /proc/PID/map_files.  Needs CAP_SYS_ADMIN or
 * CAP_CHECKPOINT_RESTORE.  A descriptor, or a negative errno (-ENOENT: no such mapping now).
 */
must_check int mapped_file_open(const struct proc *proc, const struct mapping *map, int flags);

/*
 * Is it that file, by device and inode?  True is certain; btrfs and overlayfs have files whose
 * stat(2) names another device than maps does.
 */
bool mapped_file_is(const struct stat *st, const struct mapping *map);

/*
 * The same, certain both ways: the file is mapped here for a moment, and seen with the
 * device and inode that the kernel shows in our own maps.  Regular files only.  fd: open
 * for reading.
 */
bool mapped_file_shows(int fd, const struct mapping *map);

/*
 * Open the file for reading: as mapped_file_open(), or where that may not be by its name,
 * in the target's root and then in ours, if mapped_file_shows() that it is the one.
 * -ESTALE: what is there is another; err filled.
 */
must_check int mapped_file_find(const struct proc *proc, const struct mapping *map, int flags,
				struct error *err);

/*
 * Open path as one who has root (a descriptor) for his root directory does, also where
 * symbolic links lead.  A descriptor or a negative errno.
 */
must_check int mapped_file_open_below(int root, const char *path, int flags);

#endif
