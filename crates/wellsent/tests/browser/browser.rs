//! A browser with a few words for what a person does and sees.
//!
//! Pages replace their parts while one looks at them, so everything is asked of the page in one script, not by handles that grow stale.

use crate::programs::{Program, Tools};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command as Process;
use std::sync::Arc;
use std::time::{Duration, Instant};
use thirtyfour::common::command::{Command, ExtensionCommand};
use thirtyfour::prelude::*;
use thirtyfour::{ChromiumLikeCapabilities, LoggingPrefsLogLevel, WindowHandle};

/// How long something that happens by itself may take.
const PATIENCE: Duration = Duration::from_secs(40);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// A window as on a small laptop.
pub const LAPTOP: (u32, u32) = (1366, 900);
/// A window as on a phone.
pub const PHONE: (u32, u32) = (390, 844);
/// Windows as on a tablet, upright and on its side.
pub const TABLETS: [(u32, u32); 2] = [(820, 1180), (1180, 820)];

/// A browser on the console.
pub struct Browser {
    driver: WebDriver,
    base: String,
    screenshots: Option<PathBuf>,
    _server: Program,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts a browser with a fresh profile.
    pub async fn start(tools: &Tools, base: &str) -> Self {
        let mut command = Process::new(&tools.chromedriver);
        command.arg("--port=0");
        let server = Program::start("chromedriver", command);
        let port = server.said(PATIENCE, |line| line.split_once("successfully on port ")?.1.trim_end_matches('.').parse::<u16>().ok());
        let profile = tempfile::Builder::new().prefix("wellsent-browser-").tempdir().expect("a folder for the profile");
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities(tools, &profile).expect("capabilities"))
            .await
            .expect("the browser starts");
        driver.set_script_timeout(Duration::from_secs(60)).await.expect("a timeout is set");
        let wanted = std::env::var_os("WELLSENT_SCREENSHOTS").is_some();
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder").join("screenshots");
        if wanted {
            std::fs::create_dir_all(&folder).expect("a folder for screenshots");
        }
        let browser = Self { driver, base: base.to_owned(), screenshots: wanted.then_some(folder), _server: server, _profile: profile };
        browser.look_through(LAPTOP, false).await;
        browser
    }

    /// The size of the window, and whether the person prefers dark pages. Applies to this tab.
    pub async fn look_through(&self, (width, height): (u32, u32), dark: bool) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let scheme = if dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    /// Forbids the pages every script, or allows it again. Applies to this tab.
    pub async fn without_scripts(&self, without: bool) {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": without })).await;
    }

    /// Empties the jar of cookies: as somebody else at another browser.
    pub async fn forget(&self) {
        self.driver.delete_all_cookies().await.expect("cookies can be deleted");
    }

    /// Types into a field.
    pub async fn type_into(&self, css: &str, words: &str) {
        let field = self.driver.find(By::Css(css)).await.unwrap_or_else(|error| panic!("{css}: {error}"));
        field.send_keys(words).await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Draws a line with the mouse, from the middle of an element through these steps.
    pub async fn draw(&self, css: &str, steps: &[(i64, i64)]) {
        let on = self.driver.find(By::Css(css)).await.unwrap_or_else(|error| panic!("{css}: {error}"));
        on.scroll_into_view().await.expect("it can be scrolled to");
        let mut pen = self.driver.action_chain().click_and_hold_element(&on);
        for (right, down) in steps {
            pen = pen.move_by_offset(*right, *down);
        }
        pen.release().perform().await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    async fn devtools(&self, cmd: &'static str, params: Value) {
        let command = Command::ExtensionCommand(Box::new(DevTools { cmd, params }));
        self.driver.cmd(command).await.unwrap_or_else(|error| panic!("{cmd}: {error}"));
    }

    /// Opens a page of the console, or a whole address.
    pub async fn open(&self, address: &str) {
        let whole = if address.starts_with('/') { format!("{}{address}", self.base) } else { address.to_owned() };
        self.driver.goto(&whole).await.unwrap_or_else(|error| panic!("{whole}: {error}"));
    }

    /// What a script gives back; `args` are its `arguments`.
    pub async fn ask(&self, script: &str, args: &[Value]) -> Value {
        match self.driver.execute(script, args.to_vec()).await {
            Ok(answer) => answer.json().clone(),
            Err(error) => panic!("the script failed: {error}\n{script}"),
        }
    }

    /// What a script calls back with.
    pub async fn ask_later(&self, script: &str, args: &[Value]) -> Value {
        match self.driver.execute_async(script, args.to_vec()).await {
            Ok(answer) => answer.json().clone(),
            Err(error) => panic!("the script failed: {error}"),
        }
    }

    /// The text of the first element that fits, without doubled spaces; empty without one.
    pub async fn text(&self, css: &str) -> String {
        let script = "return (document.querySelector(arguments[0])?.textContent ?? '').replace(/\\s+/g, ' ').trim()";
        self.ask(script, &[json!(css)]).await.as_str().unwrap_or_default().to_owned()
    }

    /// An attribute of the first element that fits.
    pub async fn attribute(&self, css: &str, name: &str) -> Option<String> {
        let script = "return document.querySelector(arguments[0])?.getAttribute(arguments[1]) ?? null";
        self.ask(script, &[json!(css), json!(name)]).await.as_str().map(str::to_owned)
    }

    /// How many elements fit.
    pub async fn count(&self, css: &str) -> u64 {
        self.ask("return document.querySelectorAll(arguments[0]).length", &[json!(css)]).await.as_u64().unwrap_or_default()
    }

    /// Waits until an expression of the page holds.
    pub async fn until(&self, what: &str, expression: &str, args: &[Value]) {
        let began = Instant::now();
        let script = format!("return Boolean({expression})");
        loop {
            // A page that is being left has no answer.
            let answer = self.driver.execute(&script, args.to_vec()).await;
            if answer.as_ref().is_ok_and(|answer| answer.json() == &Value::Bool(true)) {
                return;
            }
            if began.elapsed() > PATIENCE {
                let (address, seen) = (self.address().await, self.text("main").await);
                self.save("failed").await;
                let trouble = answer.err().map(|error| error.to_string()).unwrap_or_default();
                panic!("waited in vain until {what}\nat {address}\n{trouble}\n{}", seen.chars().take(1_500).collect::<String>());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until the text of an element contains some words.
    pub async fn until_says(&self, css: &str, words: &str) {
        let what = format!("{css} says \"{words}\"");
        let expression = "document.querySelector(arguments[0])?.textContent.replace(/\\s+/g, ' ').includes(arguments[1])";
        self.until(&what, expression, &[json!(css), json!(words)]).await;
    }

    /// Presses something with the mouse, as soon as it is there and can be reached.
    pub async fn click(&self, css: &str) {
        let began = Instant::now();
        loop {
            let clicked = match self.driver.find(By::Css(css)).await {
                Ok(found) => found.click().await,
                Err(error) => Err(error),
            };
            match clicked {
                Ok(()) => return,
                Err(error) if began.elapsed() > PATIENCE => panic!("{css} cannot be pressed: {error}"),
                Err(_) => tokio::time::sleep(LOOK_EVERY).await,
            }
        }
    }

    /// Types into whatever has the focus.
    pub async fn keys(&self, keys: impl Into<TypingData>) {
        let focused = self.driver.active_element().await.expect("something has the focus");
        focused.send_keys(keys).await.expect("keys can be typed");
    }

    /// Where the browser is.
    pub async fn address(&self) -> String {
        self.driver.current_url().await.map(|url| url.to_string()).unwrap_or_default()
    }

    /// Opens another tab, goes to a page there, and stays.
    pub async fn open_beside(&self, address: &str) -> WindowHandle {
        let beside = self.driver.new_tab().await.expect("a tab opens");
        self.turn_to(&beside).await;
        self.look_through(LAPTOP, false).await;
        self.open(address).await;
        beside
    }

    /// The tab that one is in.
    pub async fn here(&self) -> WindowHandle {
        self.driver.window().await.expect("a tab is open")
    }

    /// Goes to another tab.
    pub async fn turn_to(&self, tab: &WindowHandle) {
        self.driver.switch_to_window(tab.clone()).await.expect("the tab is there");
    }

    /// Closes the tab that one is in and goes to another.
    pub async fn close_and_turn_to(&self, tab: &WindowHandle) {
        self.driver.close_window().await.expect("the tab closes");
        self.turn_to(tab).await;
    }

    /// Fails if the browser's console has an error: a script that broke, a file that is missing, a breach of the content security policy.
    pub async fn has_no_complaints(&self, place: &str) {
        let log = self.driver.browser_log().await.expect("the browser has a log");
        let bad: Vec<_> = log.iter().filter(|entry| entry.level == "SEVERE" || entry.message.contains("Content Security Policy")).collect();
        assert!(bad.is_empty(), "errors on the browser's console at {place}: {bad:#?}");
    }

    /// Leaves a picture, if pictures are wanted.
    pub async fn screenshot(&self, name: &str) {
        if self.screenshots.is_some() {
            self.save(name).await;
        }
    }

    async fn save(&self, name: &str) {
        let folder = self.screenshots.clone().unwrap_or_else(std::env::temp_dir);
        let file = folder.join(format!("wellsent-{name}.png"));
        match self.driver.screenshot(&file).await {
            Ok(()) => eprintln!("browser: picture in {}", file.display()),
            Err(error) => eprintln!("browser: no picture of {name}: {error}"),
        }
    }

    /// Closes it.
    pub async fn quit(self) {
        self.driver.quit().await.expect("the browser closes");
    }
}

fn capabilities(tools: &Tools, profile: &tempfile::TempDir) -> WebDriverResult<thirtyfour::ChromeCapabilities> {
    let mut capabilities = DesiredCapabilities::chrome();
    capabilities.set_binary(&tools.chromium.to_string_lossy())?;
    for flag in [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
    ] {
        capabilities.add_arg(flag)?;
    }
    capabilities.add_arg(&format!("--user-data-dir={}", profile.path().display()))?;
    capabilities.set_browser_log_level(LoggingPrefsLogLevel::All)?;
    Ok(capabilities)
}

/// A command of the browser's own tools, through the driver.
#[derive(Debug)]
struct DevTools {
    cmd: &'static str,
    params: Value,
}

impl ExtensionCommand for DevTools {
    fn parameters_json(&self) -> Option<Value> {
        Some(json!({ "cmd": self.cmd, "params": self.params }))
    }

    fn method(&self) -> reqwest::Method {
        reqwest::Method::POST
    }

    fn endpoint(&self) -> Arc<str> {
        "/goog/cdp/execute".into()
    }
}
