print("paretorank")
