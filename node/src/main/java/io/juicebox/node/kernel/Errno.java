package io.juicebox.node.kernel;

/** An errno of Linux; the numbers are the same on x86-64 and AArch64. */
public record Errno(int number) {
  public static final Errno EPERM = new Errno(1);
  public static final Errno ENOENT = new Errno(2);
  public static final Errno EIO = new Errno(5);
  public static final Errno EINTR = new Errno(4);
  public static final Errno EBADF = new Errno(9);
  public static final Errno EAGAIN = new Errno(11);
  public static final Errno EBUSY = new Errno(16);
  public static final Errno ENOTDIR = new Errno(20);
  public static final Errno EINVAL = new Errno(22);
  public static final Errno ENOTTY = new Errno(25);
  public static final Errno EROFS = new Errno(30);
  public static final Errno ENOSYS = new Errno(38);
  public static final Errno EOPNOTSUPP = new Errno(95);
  public static final Errno ELOOP = new Errno(40);
  public static final Errno ECONNABORTED = new Errno(103);
  public static final Errno ENOTCONN = new Errno(107);

  @Override
  public String toString() {
    return switch (number) {
      case 1 -> "operation not permitted (EPERM)";
      case 2 -> "no such file or directory (ENOENT)";
      case 5 -> "input/output error (EIO)";
      case 13 -> "permission denied (EACCES)";
      case 16 -> "in use (EBUSY)";
      case 20 -> "not a directory (ENOTDIR)";
      case 22 -> "invalid argument (EINVAL)";
      case 25 -> "not supported here (ENOTTY)";
      case 28 -> "no space left (ENOSPC)";
      case 30 -> "read-only file system (EROFS)";
      case 36 -> "name too long (ENAMETOOLONG)";
      case 38 -> "not known here (ENOSYS)";
      case 40 -> "symbolic link (ELOOP)";
      case 95 -> "not supported here (EOPNOTSUPP)";
      case 103 -> "the connection was aborted (ECONNABORTED)";
      case 107 -> "the filesystem's process is gone (ENOTCONN)";
      default -> "errno " + number;
    };
  }
}
