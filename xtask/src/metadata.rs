//! What cargo knows about the workspace and its dependencies.

use crate::workspace;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// A package of the resolved graph.
#[derive(Debug, Clone)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence as an SPDX expression.
    pub licence: Option<String>,
    /// Whether it is a member of the workspace.
    pub ours: bool,
    /// What it is built from: normal and build dependencies, not those of its tests.
    pub uses: BTreeSet<String>,
}

/// The packages that this machine's builds use, by name and version.
pub fn load() -> Result<Vec<Package>, String> {
    let host = host()?;
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", &host])
        .current_dir(workspace::root())
        .output()
        .map_err(|error| format!("cargo metadata could not be run: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let value: Value = serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata answered no JSON: {error}"))?;
    packages(&value).ok_or_else(|| "cargo metadata has a shape that xtask does not know".to_owned())
}

fn host() -> Result<String, String> {
    let output = Command::new("rustc").arg("-vV").output().map_err(|error| format!("rustc could not be run: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc -vV names no host".to_owned())
}

fn packages(metadata: &Value) -> Option<Vec<Package>> {
    let members: BTreeSet<&str> = metadata["workspace_members"].as_array()?.iter().filter_map(Value::as_str).collect();
    // The platform's filter holds for the resolved nodes; the list of packages may name more.
    let resolved: BTreeSet<&str> = metadata["resolve"]["nodes"].as_array()?.iter().filter_map(|node| node["id"].as_str()).collect();
    let mut packages = BTreeMap::new();
    for package in metadata["packages"].as_array()? {
        let id = package["id"].as_str()?;
        if !resolved.contains(id) {
            continue;
        }
        let uses = package["dependencies"].as_array()?.iter().filter(|dependency| dependency["kind"].as_str() != Some("dev"));
        let found = Package {
            name: package["name"].as_str()?.to_owned(),
            version: package["version"].as_str()?.to_owned(),
            licence: package["license"].as_str().map(str::to_owned),
            ours: members.contains(id),
            uses: uses.filter_map(|dependency| dependency["name"].as_str()).map(str::to_owned).collect(),
        };
        packages.insert(id.to_owned(), found);
    }
    Some(packages.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dependencies_of_tests_do_not_count_and_packages_of_other_platforms_are_left_out() {
        let metadata = json!({
            "workspace_members": ["a"],
            "resolve": {"nodes": [{"id": "a"}, {"id": "b"}]},
            "packages": [
                {"id": "a", "name": "a", "version": "1", "license": null, "dependencies": [
                    {"name": "b", "kind": null}, {"name": "c", "kind": "dev"}, {"name": "d", "kind": "build"}
                ]},
                {"id": "b", "name": "b", "version": "1", "license": "MIT", "dependencies": []},
                {"id": "w", "name": "w", "version": "1", "license": "MIT", "dependencies": []}
            ]
        });
        let packages = packages(&metadata).unwrap();
        assert_eq!(packages.iter().map(|package| package.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(packages[0].ours && !packages[1].ours);
        assert_eq!(packages[0].uses.iter().collect::<Vec<_>>(), ["b", "d"]);
    }
}
