/**
 * One node type: id, cores, memory in MB, number of local disks and their size in GB, GPUs,
 * category, flags (g: Graviton, d: deprecated, p: Photon).
 */
type Row = readonly [
  id: string,
  cores: number,
  memory: number,
  disks: number,
  diskGb: number,
  gpus: number,
  category: string,
  flags: string,
];

const general = "General Purpose";
const memory = "Memory Optimized";
const storage = "Storage Optimized";
const compute = "Compute Optimized";
const gpu = "GPU Accelerated";

/** Node types of AWS and Azure, so that stacks for both can be tried. */
const rows: readonly Row[] = [
  ["Standard_DS3_v2", 4, 14336, 1, 28, 0, general, "p"],
  ["Standard_DS4_v2", 8, 28672, 1, 56, 0, general, "p"],
  ["Standard_DS5_v2", 16, 57344, 1, 112, 0, general, "p"],
  ["Standard_D4s_v3", 4, 16384, 1, 32, 0, general, "p"],
  ["Standard_D8s_v3", 8, 32768, 1, 64, 0, general, "p"],
  ["Standard_D16s_v3", 16, 65536, 1, 128, 0, general, "p"],
  ["Standard_D4ds_v5", 4, 16384, 1, 150, 0, general, "p"],
  ["Standard_D8ds_v5", 8, 32768, 1, 300, 0, general, "p"],
  ["Standard_D16ds_v5", 16, 65536, 1, 600, 0, general, "p"],
  ["Standard_DS12_v2", 4, 28672, 1, 56, 0, memory, "p"],
  ["Standard_DS13_v2", 8, 57344, 1, 112, 0, memory, "p"],
  ["Standard_E4ds_v5", 4, 32768, 1, 150, 0, memory, "p"],
  ["Standard_E8ds_v5", 8, 65536, 1, 300, 0, memory, "p"],
  ["Standard_E16ds_v5", 16, 131072, 1, 600, 0, memory, "p"],
  ["Standard_L4s", 4, 32768, 1, 678, 0, storage, "d"],
  ["Standard_L8s_v2", 8, 65536, 1, 1920, 0, storage, "p"],
  ["Standard_L8s_v3", 8, 65536, 1, 1920, 0, storage, "p"],
  ["Standard_F4s", 4, 8192, 1, 16, 0, compute, ""],
  ["Standard_F8s_v2", 8, 16384, 1, 64, 0, compute, "p"],
  ["Standard_NC6s_v3", 6, 114688, 1, 736, 1, gpu, ""],
  ["Standard_NC4as_T4_v3", 4, 28672, 1, 180, 1, gpu, ""],
  ["Standard_NC24ads_A100_v4", 24, 225280, 1, 960, 1, gpu, ""],
  ["m4.large", 2, 8192, 0, 0, 0, general, "d"],
  ["m5.large", 2, 8192, 0, 0, 0, general, "p"],
  ["m5.xlarge", 4, 16384, 0, 0, 0, general, "p"],
  ["m5d.large", 2, 8192, 1, 75, 0, general, "p"],
  ["m5d.xlarge", 4, 16384, 1, 150, 0, general, "p"],
  ["m5d.2xlarge", 8, 32768, 1, 300, 0, general, "p"],
  ["m6gd.large", 2, 8192, 1, 118, 0, general, "gp"],
  ["m6gd.xlarge", 4, 16384, 1, 237, 0, general, "gp"],
  ["m7gd.xlarge", 4, 16384, 1, 237, 0, general, "gp"],
  ["r5.large", 2, 16384, 0, 0, 0, memory, "p"],
  ["r5d.large", 2, 16384, 1, 75, 0, memory, "p"],
  ["r5d.xlarge", 4, 32768, 1, 150, 0, memory, "p"],
  ["r5d.2xlarge", 8, 65536, 1, 300, 0, memory, "p"],
  ["r6gd.xlarge", 4, 32768, 1, 237, 0, memory, "gp"],
  ["i3.xlarge", 4, 31232, 1, 950, 0, storage, "p"],
  ["i3.2xlarge", 8, 62464, 1, 1900, 0, storage, "p"],
  ["i3.4xlarge", 16, 124928, 2, 1900, 0, storage, "p"],
  ["i3.8xlarge", 32, 249856, 4, 1900, 0, storage, "p"],
  ["i3en.large", 2, 16384, 1, 1250, 0, storage, "p"],
  ["i3en.xlarge", 4, 32768, 1, 2500, 0, storage, "p"],
  ["i4i.xlarge", 4, 32768, 1, 937, 0, storage, "p"],
  ["c5d.xlarge", 4, 8192, 1, 100, 0, compute, "p"],
  ["c5d.2xlarge", 8, 16384, 1, 200, 0, compute, "p"],
  ["c6gd.xlarge", 4, 8192, 1, 237, 0, compute, "gp"],
  ["g4dn.xlarge", 4, 16384, 1, 125, 1, gpu, "p"],
  ["g5.xlarge", 4, 16384, 1, 250, 1, gpu, "p"],
  ["p3.2xlarge", 8, 62464, 0, 0, 1, gpu, ""],
];

/** The response of clusters/list-node-types. */
export const nodeTypes: readonly object[] = rows.map(
  ([id, cores, memoryMb, disks, diskGb, gpus, category, flags]) => ({
    node_type_id: id,
    memory_mb: memoryMb,
    num_cores: cores,
    description: id,
    instance_type_id: id,
    is_deprecated: flags.includes("d"),
    category,
    support_ebs_volumes: true,
    support_cluster_tags: true,
    num_gpus: gpus,
    node_instance_type: {
      instance_type_id: id,
      local_disks: disks,
      local_disk_size_gb: diskGb,
      instance_family: /^[a-z0-9]+(?=\.)|^Standard_[A-Z]+/.exec(id)?.[0] ?? id,
      is_graviton: flags.includes("g"),
      ...(id.startsWith("i") ? { local_nvme_disks: disks, local_nvme_disk_size_gb: diskGb } : {}),
    },
    is_hidden: false,
    support_port_forwarding: true,
    supports_elastic_disk: id.startsWith("Standard_"),
    display_order: 0,
    is_io_cache_enabled: disks > 0,
    is_graviton: flags.includes("g"),
    photon_worker_capable: flags.includes("p"),
    photon_driver_capable: flags.includes("p"),
    is_encrypted_in_transit: !id.startsWith("Standard_"),
    node_info: { status: [], available_core_quota: 350, total_core_quota: 350 },
  }),
);
