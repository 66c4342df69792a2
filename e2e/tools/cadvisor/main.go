// Starts cAdvisor as kubelet does, with its handler for CRI-O, and prints as JSON what it has found of that runtime's containers.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/google/cadvisor/lib/cache/memory"
	"github.com/google/cadvisor/lib/container"
	_ "github.com/google/cadvisor/lib/container/crio/install"
	"github.com/google/cadvisor/lib/manager"
	info "github.com/google/cadvisor/lib/model"
	"github.com/google/cadvisor/lib/utils/sysfs"
	"github.com/google/cadvisor/lib/watcher"
)

const (
	crio = "crio"
	kept = 2 * time.Minute
)

// found is a container, as the handler that cAdvisor chose for its control group tells of it.
type found struct {
	Info      *info.ContainerInfo
	IP        string
	Processes []int
}

func main() {
	all, err := find()
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(all)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func find() ([]found, error) {
	interval, dynamic := time.Minute, false
	cadvisor, err := manager.New(
		memory.New(kept, nil),
		sysfs.NewRealSysFs(),
		manager.HousekeepingConfig{Interval: &interval, AllowDynamic: &dynamic},
		container.MetricSet{
			container.CpuUsageMetrics:     struct{}{},
			container.MemoryUsageMetrics:  struct{}{},
			container.ProcessMetrics:      struct{}{},
			container.NetworkUsageMetrics: struct{}{},
		},
		nil, nil, "", 0)
	if err != nil {
		return nil, err
	}
	if err := cadvisor.Start(); err != nil {
		return nil, err
	}
	return ofCrio(cadvisor)
}

func ofCrio(cadvisor manager.Manager) ([]found, error) {
	infos, err := cadvisor.SubcontainersInfo("/", &info.ContainerInfoRequest{NumStats: 1})
	if err != nil {
		return nil, err
	}
	all := []found{}
	for _, each := range infos {
		if each.Namespace != crio {
			continue
		}
		one, err := asHandled(each)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

func asHandled(each *info.ContainerInfo) (found, error) {
	handler, accepted, err := container.NewContainerHandler(each.Name, watcher.Raw, nil, true)
	if err != nil || !accepted {
		return found{}, fmt.Errorf("%s: accepted %v: %w", each.Name, accepted, err)
	}
	processes, err := handler.ListProcesses(container.ListSelf)
	if err != nil {
		return found{}, err
	}
	stats, err := handler.GetStats()
	if err != nil {
		return found{}, err
	}
	each.Stats = []*info.ContainerStats{stats}
	return found{Info: each, IP: handler.GetContainerIPAddress(), Processes: processes}, nil
}
