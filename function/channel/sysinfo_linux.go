package channel

import "syscall"

// look asks the system.
func look() machine {
	var s syscall.Sysinfo_t
	if err := syscall.Sysinfo(&s); err != nil {
		return machine{}
	}
	unit := max(uint64(s.Unit), 1)
	kib := func(n uint64) uint64 { return n * unit / 1024 }
	const scale = 1 << 16 // of the kernel's fixed point
	return machine{
		load: float64(s.Loads[0]) / scale, hours: int64(s.Uptime) / 3600, total: kib(uint64(s.Totalram)), free: kib(uint64(s.Freeram)),
		buffers: kib(uint64(s.Bufferram)), swap: kib(uint64(s.Totalswap)), swapFree: kib(uint64(s.Freeswap)), processes: int(s.Procs),
		hasLoad: true, hasHours: true, hasMemory: true, hasCount: true,
	}
}
