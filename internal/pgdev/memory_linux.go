package pgdev

import "syscall"

// memoryRoom is what a test run may need; containers often have 64 MB there, which one cluster fills.
const memoryRoom = 1 << 30

// memoryRoots is the folder for files in memory, if it has room.
func memoryRoots() []string {
	const shm = "/dev/shm"
	var st syscall.Statfs_t
	if err := syscall.Statfs(shm, &st); err != nil || st.Bavail*uint64(st.Bsize) < memoryRoom {
		return nil
	}
	return []string{shm}
}
