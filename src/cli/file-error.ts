import { types } from "node:util";
import { LakeformError } from "../errors";

/** Maps each error code of the operating system to the problem and its fix. */
const reasons: Readonly<Record<string, readonly [problem: string, fix: string]>> = {
  EACCES: ["permission denied", "give this user access to it"],
  EPERM: ["not permitted", "give this user access to it"],
  EROFS: ["the file system is read-only", "use a writable folder"],
  ENOSPC: ["the disk is full", "free space on the disk"],
  EDQUOT: ["the disk quota is exceeded", "free space on the disk"],
  EFBIG: ["the file is larger than the limit", "raise the limit (ulimit -f)"],
  EMFILE: ["too many open files", "raise the limit (ulimit -n)"],
  ENFILE: ["too many open files", "raise the system's limit"],
  ENOTDIR: ["a part of the path is a file, not a folder", "move that file away"],
  EISDIR: ["it is a folder, not a file", "move that folder away"],
  ENOENT: ["it does not exist", "check the path"],
  ENOTEMPTY: ["the folder is not empty", "stop other commands that write to it"],
  ELOOP: ["its symbolic links form a loop", "remove the links"],
  ENAMETOOLONG: ["the path is too long", "use a folder with a shorter path"],
  EIO: ["the disk reports an error", "check the disk"],
};

/** Converts a system error about a local file or folder; returns undefined for any other error. */
export function fileError(error: unknown): LakeformError | undefined {
  const {
    code = "",
    path,
    syscall,
  } = types.isNativeError(error) ? (error as NodeJS.ErrnoException) : {};
  const reason = reasons[code];
  if (reason === undefined || syscall === undefined) return undefined;
  const [problem, fix] = reason;
  return new LakeformError("FILE_FAILED", `cannot access a file on this machine: ${problem}`, {
    value: `${path ?? "a file"} (${syscall}: ${code})`,
    fix: `${fix}, then run the command again`,
    cause: error,
  });
}
